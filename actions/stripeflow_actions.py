"""Registers the built-in actions. Other apps bring a module of this name too."""

from actions import registry
from actions.builtin.charges import RetrieveCharge
from actions.builtin.customers import UpdateCustomer
from actions.builtin.refunds import CreateRefund
from actions.builtin.team_email import EmailTeamMember

for action_class in (EmailTeamMember, RetrieveCharge, UpdateCustomer, CreateRefund):
    registry.register(action_class)
