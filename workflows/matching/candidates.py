"""The stored events that a definition may start on: of its types, and within its scope."""

from django.db.models import Q

from stripeflow.triggers.models import Event, EventQuerySet
from stripeflow.workflows.definition.choices import Accounts
from stripeflow.workflows.definition.plan import Plan
from stripeflow.workflows.definition.scope import TriggerScope, own_accounts


def candidates(plan: Plan) -> EventQuerySet:
    """Those that the trigger's conditions would be asked about."""
    return of_types(plan).filter(within(plan.scope))


def of_types(plan: Plan) -> EventQuerySet:
    """Those of the right types, of whatever mode and account."""
    return Event.objects.of_topics(plan.trigger.source, plan.trigger.topics)


def within(scope: TriggerScope) -> Q:
    """The same as `TriggerScope.refusal`, for the rows of a query."""
    mode = Q() if scope.livemode is None else Q(livemode=scope.livemode)
    own = Q(account__in=["", *own_accounts()])
    return (
        mode
        & {
            Accounts.OWN: own,
            Accounts.CONNECTED: ~own,
            Accounts.ALL: Q(),
            Accounts.LISTED: Q(account__in=scope.listed),
        }[scope.accounts]
    )
