"""The stored events that a definition may start on: of its types, and within its scope."""

from django.db.models import Q

from stripeflow.triggers.models import Event, EventQuerySet
from stripeflow.workflows.definition.choices import Accounts
from stripeflow.workflows.definition.plan import Plan
from stripeflow.workflows.definition.scope import TriggerScope, own_accounts
from stripeflow.workflows.definition.trigger import TriggerPlan


def candidates(plan: Plan, workflow_id: int) -> EventQuerySet:
    """Those that the trigger's conditions would be asked about."""
    return of_types(plan.trigger, workflow_id).filter(within(plan.scope))


def of_types(trigger: TriggerPlan, workflow_id: int) -> EventQuerySet:
    """Those of the right types, of whatever mode and account; of an addressed type, the workflow's own."""
    return Event.objects.of_topics(trigger.source, trigger.topics_for(workflow_id))


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
