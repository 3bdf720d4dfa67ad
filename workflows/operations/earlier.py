"""What a key has started before, judged by the version of that time, whatever came of the workflow since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.inbox import Accepted
from stripeflow.triggers.models import Event
from stripeflow.workflows.access.setting_off import Operation, check
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.trigger import OnDemand
from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.matching.addressed import external_id_of
from stripeflow.workflows.matching.why import explain
from stripeflow.workflows.models import Activation, Run, Workflow, WorkflowVersion
from stripeflow.workflows.operations.asking import (
    Asked,
    KeyTaken,
    WrongInputs,
    held_of,
    inputs_of,
    is_timed,
    side_of_asked,
)

# Before the key of a run that a person starts between the times of a schedule.
BETWEEN = "now:"


@dataclass(frozen=True)
class Invoked:
    """The event, whether it is new, and the run. Without a run, `reason` says why none was started."""

    accepted: Accepted
    run: Run | None
    code: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        """The key that was asked for."""
        event = self.accepted.event
        identity = event.external_id.partition(":")[2]
        return identity if event.source == OnDemand.source else identity.removeprefix(BETWEEN)


@dataclass(frozen=True)
class Found:
    """What a key has started before: its event, and the run of it, if there is one.

    `version` is the one that the event was for: its run's, or the one of that time; None if nobody knows it.
    """

    event: Event
    run: Run | None
    version: WorkflowVersion | None


def find(workflow: Workflow, asked: Asked, keys: Sequence[str]) -> dict[str, Found]:
    """What each of `keys` has started before, for the mode and account that are asked for.

    Those that have started nothing are missing. The number of queries is the same for any number of keys.
    """
    on_demand, between = (dict(zip(names, keys, strict=True)) for names in _names(workflow, keys))
    found: dict[str, Found] = {}
    for one in _found(workflow, _events(workflow, asked, keys)):
        if one.version is None or _is_of_this_side(one.version, one.event, asked):
            of_source = on_demand if one.event.source == OnDemand.source else between
            found.setdefault(of_source[one.event.external_id], one)
    return found


def earlier(workflow: Workflow, asked: Asked, act: Act) -> Invoked | None:
    """What the key has started before, for the same mode and account; None if it is new.

    Raises as `found_again`.
    """
    found = find(workflow, asked, [asked.key]).get(asked.key)
    return found_again(found, workflow, asked, act) if found else None


def started_by(event: Event, workflow: Workflow, asked: Asked, act: Act) -> Invoked:
    """What the event has started, which has the key that is asked for. Raises as `found_again`."""
    (found,) = _found(workflow, Event.objects.filter(pk=event.pk))
    return found_again(found, workflow, asked, act)


def found_again(found: Found, workflow: Workflow, asked: Asked, act: Act) -> Invoked:
    """What was found for the key, for somebody who asks for it again.

    Raises `KeyTaken` if that was for other inputs, or if they can no longer be compared; `PermissionDenied`
    if `act.user` may not start what it was.
    """
    check(act.user, Operation.START, [found.version.document] if found.version else [])
    _compare(found.version, found.event, asked)
    return _invoked(workflow, Accepted(found.event, created=False), found.run)


def was_used(workflow: Workflow, key: str) -> bool:
    """Whether the key came before, for any mode and account."""
    return _events(workflow, Asked(), [key]).exists()


def invoked_by(workflow: Workflow, accepted: Accepted) -> Invoked:
    """The run that the event has started, or why it started none, as “Why did it not run?” says it."""
    return _invoked(workflow, accepted, _runs(workflow, [accepted.event]).get(accepted.event.pk))


def _invoked(workflow: Workflow, accepted: Accepted, run: Run | None) -> Invoked:
    if run is not None:
        return Invoked(accepted, run)
    for verdict in explain(accepted.event):
        if verdict.workflow.pk == workflow.pk:
            return Invoked(accepted, None, verdict.reason.value, verdict.sentence)
    return Invoked(accepted, None, "not_active_then", _("The workflow was not active."))


def _names(workflow: Workflow, keys: Sequence[str]) -> tuple[list[str], list[str]]:
    """What the events of the keys are called: those of a trigger on demand, and those of any other one."""
    on_demand = [external_id_of(workflow.pk, key) for key in keys]
    return on_demand, [external_id_of(workflow.pk, BETWEEN + key) for key in keys]


def _events(workflow: Workflow, asked: Asked, keys: Sequence[str]) -> QuerySet[Event]:
    """Those with one of the keys, of each type of trigger that the workflow may have had."""
    on_demand, between = _names(workflow, keys)
    events = Event.objects.filter(
        Q(source=OnDemand.source, external_id__in=on_demand)
        | ~Q(source=OnDemand.source) & Q(external_id__in=between)
    )
    if asked.livemode is not None:
        events = events.filter(livemode=asked.livemode)
    if asked.account is not None:
        events = events.filter(account=asked.account)
    return events.order_by("pk")


def _found(workflow: Workflow, events: QuerySet[Event]) -> Iterator[Found]:
    """Each event with its run and version, by three queries."""
    active = Activation.objects.at(OuterRef("source"), OuterRef("type"), OuterRef("created"))
    # A later one of the same second was not active yet: only the end of an interval is exact.
    first = active.filter(workflow=workflow).order_by("started_at", "id").values("version")[:1]
    known = list(events.annotate(version_then=Subquery(first)))
    runs = _runs(workflow, known)
    numbers = {one.pk: runs[one.pk].version_id if one.pk in runs else one.version_then for one in known}
    versions = WorkflowVersion.objects.select_related("workflow").in_bulk(set(numbers.values()) - {None})
    for event in known:
        run, version = runs.get(event.pk), versions.get(numbers[event.pk])
        if run is not None and version is not None:
            run.version = version
        yield Found(event, run, version)


def _runs(workflow: Workflow, events: Sequence[Event]) -> dict[int, Run]:
    """By event, the run that it has started."""
    if not events:
        return {}
    runs = Run.objects.filter(event__in=[one.pk for one in events], workflow=workflow, rerun_of=None)
    found = {run.event_id: run for run in runs}
    for run in found.values():
        run.workflow = workflow
    return found


def _is_of_this_side(version: WorkflowVersion, event: Event, asked: Asked) -> bool:
    """Whether the same request would have made the event for its mode and account."""
    try:
        side = side_of_asked(scope_of(version.document["trigger"]), asked)
    except NotPossible:
        return False
    return side == AccountMode.of(event)


def _compare(version: WorkflowVersion | None, event: Event, asked: Asked) -> None:
    """Raise `KeyTaken` unless the event holds what is asked for."""
    if event.pruned_at is not None:
        raise KeyTaken(
            _(
                "This key was used before. Its inputs were emptied because of their age. Look at what it has "
                "started before you choose another key."
            )
        )
    if version is None or not _holds(version, event, asked):
        raise KeyTaken(
            _(
                "This key was used before, with other inputs. Look at what it has started before you choose "
                "another key."
            )
        )


def _holds(version: WorkflowVersion, event: Event, asked: Asked) -> bool:
    """An input that was left out and one that is null are the same."""
    given = _given(asked.values)
    try:
        held, _about = held_of(inputs_of(version), given)
    except WrongInputs:
        return False
    return is_timed(version) or _given(event.object) == _given(held)


def _given(held: Json) -> Json:
    return {name: value for name, value in held.items() if value is not None}
