"""The scope that a new workflow begins with, where a person or a template makes it."""

from stripeflow.triggers.stripe_reads import secret_key
from stripeflow.workflows.definition.choices import Accounts, Mode
from stripeflow.workflows.definition.scope import TriggerScope


def new_scope() -> TriggerScope:
    """Live events of our own account; test events where the settings have a key for that mode only."""
    only_test = bool(secret_key(livemode=False)) and not secret_key(livemode=True)
    return TriggerScope(Mode.TEST if only_test else Mode.LIVE, Accounts.OWN)
