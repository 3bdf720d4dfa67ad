"""What a key has started before, judged by the version of that time, whatever came of the workflow since."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
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


def earlier(workflow: Workflow, asked: Asked, act: Act) -> Invoked | None:
    """What the key has started before, for the same mode and account; None if it is new.

    Raises as `started_by`.
    """
    for event in _events(workflow, asked):
        version = _version_of(workflow, event)
        if version is None or _is_of_this_side(version, event, asked):
            return started_by(event, workflow, asked, act)
    return None


def started_by(event: Event, workflow: Workflow, asked: Asked, act: Act) -> Invoked:
    """What the event has started, which has the key that is asked for.

    Raises `KeyTaken` if that was for other inputs, or if they can no longer be compared; `PermissionDenied`
    if `act.user` may not start what it was.
    """
    version = _version_of(workflow, event)
    check(act.user, Operation.START, [version.document] if version else [])
    _compare(version, event, asked)
    return invoked_by(workflow, Accepted(event, created=False))


def was_used(workflow: Workflow, key: str) -> bool:
    """Whether the key came before, for any mode and account."""
    return any(True for _event in _events(workflow, Asked(key=key)))


def invoked_by(workflow: Workflow, accepted: Accepted) -> Invoked:
    """The run that the event has started, or why it started none, as “Why did it not run?” says it."""
    if run := _run_of(workflow, accepted.event):
        return Invoked(accepted, run)
    for verdict in explain(accepted.event):
        if verdict.workflow.pk == workflow.pk:
            return Invoked(accepted, None, verdict.reason.value, verdict.sentence)
    return Invoked(accepted, None, "not_active_then", _("The workflow was not active."))


def _events(workflow: Workflow, asked: Asked) -> Iterator[Event]:
    """Those with the key, of each type of trigger that the workflow may have had."""
    on_demand = Q(source=OnDemand.source, external_id=external_id_of(workflow.pk, asked.key))
    between = ~Q(source=OnDemand.source) & Q(external_id=external_id_of(workflow.pk, BETWEEN + asked.key))
    events = Event.objects.filter(on_demand | between)
    if asked.livemode is not None:
        events = events.filter(livemode=asked.livemode)
    if asked.account is not None:
        events = events.filter(account=asked.account)
    yield from events.order_by("pk")


def _run_of(workflow: Workflow, event: Event) -> Run | None:
    runs = Run.objects.filter(event=event, workflow=workflow, rerun_of=None)
    return runs.select_related("version", "workflow").first()


def _version_of(workflow: Workflow, event: Event) -> WorkflowVersion | None:
    """The version that the event was for: its run's, or the one of that time. None if nobody knows it now."""
    if run := _run_of(workflow, event):
        return run.version
    active = Activation.objects.at(event.source, event.type, event.created).filter(workflow=workflow)
    # A later one of the same second was not active yet: only the end of an interval is exact.
    found = active.select_related("version").order_by("started_at", "id").first()
    return found.version if found else None


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
