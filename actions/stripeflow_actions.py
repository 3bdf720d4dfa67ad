"""Registers the built-in actions. Other apps bring a module of this name too."""

from stripeflow.actions import registry
from stripeflow.actions.builtin.charges import RetrieveCharge
from stripeflow.actions.builtin.customer_email import EmailCustomer
from stripeflow.actions.builtin.customers import UpdateCustomer
from stripeflow.actions.builtin.http_request import SendRequest
from stripeflow.actions.builtin.refunds import CreateRefund
from stripeflow.actions.builtin.team_email import EmailTeamMember
from stripeflow.actions.chat.discord import PostToDiscord
from stripeflow.actions.chat.slack import PostToSlack
from stripeflow.actions.chat.teams import PostToTeams

for action_class in (
    EmailTeamMember,
    EmailCustomer,
    RetrieveCharge,
    UpdateCustomer,
    CreateRefund,
    SendRequest,
):
    registry.register(action_class)
for chat in (PostToSlack, PostToTeams, PostToDiscord):
    registry.register(chat)
