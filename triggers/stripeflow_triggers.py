"""Registers the built-in types of triggers. Other apps bring a module of this name too."""

from stripeflow.triggers.types import registry
from stripeflow.triggers.types.recurring_schedule import RecurringSchedule
from stripeflow.triggers.types.stripe_event import StripeEvent

registry.register(StripeEvent)
registry.register(RecurringSchedule)
