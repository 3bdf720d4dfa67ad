"""What a person chooses for a replay: a workflow, a version of it, and events by their ids or by a span."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from stripeflow.triggers.models import Event
from stripeflow.triggers.widths import fitted
from stripeflow.workflows.matching.candidates import candidates
from stripeflow.workflows.models import Workflow, WorkflowVersion
from stripeflow.workflows.operations.replay import MAX_EVENTS, NotReplayable, select, version_of
from stripeflow.workflows.versions.plans import plan_of


@dataclass(frozen=True)
class Choice:
    """`number` is that of a version, None for the active one. Without `ids` the span counts."""

    workflow: Workflow
    number: int | None = None
    ids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    limit: int = MAX_EVENTS


@dataclass(frozen=True)
class Chosen:
    """The events, oldest first. `missing`: ids that never arrived; `more`: newer ones are in the span."""

    version: WorkflowVersion
    events: list[Event]
    missing: tuple[str, ...] = ()
    more: bool = False


def choose(choice: Choice) -> Chosen:
    """Look the events up. Raises `NotReplayable`, also for more ids than one replay takes."""
    version = version_of(choice.workflow, choice.number)
    ids = tuple(dict.fromkeys(choice.ids))
    if len(ids) > MAX_EVENTS:
        raise NotReplayable(_("At most %d events can be replayed at once.") % MAX_EVENTS)
    if not ids and choice.since is None:
        raise NotReplayable(_("Name events by their IDs, or say since when."))
    span = {"since": choice.since, "until": choice.until}
    events = select(version, external_ids=ids, limit=choice.limit, **span)
    if ids:
        known = Event.objects.called(*ids).values_list("pk", "external_id")
        arrived = {str(name) for names in known for name in names}
        return Chosen(version, events, missing=tuple(one for one in ids if fitted(one) not in arrived))
    return Chosen(version, events, more=_more(version, events, choice))


def _more(version: WorkflowVersion, events: list[Event], choice: Choice) -> bool:
    """Whether the span has events beyond the limit."""
    if len(events) < min(choice.limit, MAX_EVENTS):
        return False
    rest = candidates(plan_of(version.pk), version.workflow_id)
    rest = rest.filter(created__gte=events[-1].created if events else choice.since)
    if choice.until is not None:
        rest = rest.filter(created__lt=choice.until)
    return rest.exclude(pk__in=[event.pk for event in events]).exists()
