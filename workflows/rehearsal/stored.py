"""Stored events in dry runs: which can be chosen, and the objects that they hold."""

from dataclasses import dataclass, field

from django.db.models import QuerySet

from stripeflow.actions.base import Action
from stripeflow.triggers.models import Event
from stripeflow.triggers.widths import fitted
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import Plan
from stripeflow.workflows.definition.scope import own_accounts
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.matching.candidates import of_types
from stripeflow.workflows.rehearsal.samples import (
    CatalogueSamples,
    Origin,
    Sampled,
    asked_id,
    overlaid,
    sample_event,
    sample_side,
)
from stripeflow.workflows.rehearsal.walking import Given

# How many events are offered, newest first.
RECENT = 20


def recent_events(trigger: TriggerPlan, workflow_id: int) -> QuerySet[Event]:
    """The newest events that may start it and still have their payload, without it. To be sliced.

    Also those that are not in the trigger's scope: people rehearse a live workflow on test events.
    """
    events = of_types(trigger, workflow_id).whole().filter(pruned_at__isnull=True)
    return events.without_body().order_by("-created", "-pk")


def given_event(event: Event) -> Given:
    """A stored event as the start of a dry run."""
    return Given(event.payload)


def given_sample(plan: Plan) -> Given:
    """A sample event of the first type, of a mode and an account that the trigger takes."""
    event = sample_event(plan.trigger)
    return Given({**event, **sample_side(plan.scope)}, is_sample=True)


@dataclass(frozen=True)
class StoredSamples:
    """Objects as the newest events of the same mode and account hold them; otherwise samples.

    One query for each id that a step asks for. For somebody who may see payloads.
    """

    event: Event
    found: dict[tuple[str, str, frozenset[str]], Sampled | None] = field(default_factory=dict)

    def outputs(self, action: Action, inputs: Json, *, as_platform: bool = False) -> Sampled | None:
        """As `Samples`. A step that acts as the platform sees the platform's own objects."""
        wanted, name = asked_id(action, inputs), action.outputs.object
        accounts = frozenset(("", *own_accounts()) if as_platform else (self.event.account,))
        known = self._object(name, wanted, accounts) if wanted and name else None
        if known is None:
            return CatalogueSamples().outputs(action, inputs)
        return Sampled(overlaid(action, inputs, known.value), known.origin, known.event)

    def _object(self, name: str, wanted: str, accounts: frozenset[str]) -> Sampled | None:
        key = (name, wanted, accounts)
        if key not in self.found:
            self.found[key] = self._looked_up(*key)
        return self.found[key]

    def _looked_up(self, name: str, wanted: str, accounts: frozenset[str]) -> Sampled | None:
        if self.event.account in accounts and _is(self.event.object, name, wanted):
            return Sampled(self.event.object, Origin.EVENT, self.event.external_id)
        rows = Event.objects.whole().filter(
            object_id=fitted(wanted),
            pruned_at__isnull=True,
            livemode=self.event.livemode,
            account__in=accounts,
        )
        latest = rows.order_by("-created", "-pk").first()
        if latest is None or not _is(latest.object, name, wanted):
            return None
        return Sampled(latest.object, Origin.STORED, latest.external_id)


def _is(value: Json, name: str, wanted: str) -> bool:
    return value.get("object") == name and value.get("id") == wanted
