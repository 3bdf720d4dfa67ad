"""Starts a workflow on demand: the same for a page, the API and a command.

The event, who started it and how, and the row of the audit log are written by one transaction.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.triggers.inbox import Accepted
from stripeflow.workflows.access.asking_again import allowing
from stripeflow.workflows.access.setting_off import Operation
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.trigger import OnDemand
from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.matching.addressed import NotAddressable, Occurrence, accept_for
from stripeflow.workflows.matching.why import explain
from stripeflow.workflows.models import Run, RunOperation, Workflow, WorkflowVersion
from stripeflow.workflows.models.operation import OperationKind
from stripeflow.workflows.operations.asking import (
    KEY,
    Asked,
    KeyTaken,
    OtherVersion,
    WrongInputs,
    held_of,
    inputs_of,
    side_of_asked,
)
from stripeflow.workflows.schedules.held import held_now

# Before the key of a run that a person starts between the times of a schedule.
_BETWEEN = "now:"


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
        return identity if event.source == OnDemand.source else identity.removeprefix(_BETWEEN)


def active_version_of(workflow: Workflow) -> WorkflowVersion:
    """The version that would run. Raises `NotPossible`."""
    if workflow.active_version is None:
        raise NotPossible(_("“%s” is not active. Activate it first.") % workflow.name)
    return workflow.active_version


def invoke(workflow: Workflow, asked: Asked, act: Act) -> Invoked:
    """Start a run of the active version, or find what the same key has started.

    Raises `NotPossible`, also as `WrongInputs`, `KeyTaken` and `OtherVersion`, and `PermissionDenied`.
    """
    version = active_version_of(workflow)
    declared = inputs_of(version)
    if not KEY.fullmatch(asked.key):
        raise NotPossible(_("A key has 1 to 200 letters, digits and signs, and no spaces."))
    with allowing(act.user, Operation.START, [version.document]):
        _lock(workflow, version)
        try:
            held, about = held_of(declared, asked.values)
        except WrongInputs as error:
            if asked.saw(version):
                raise
            raise OtherVersion(version) from error
        side = side_of_asked(scope_of(version.document["trigger"]), asked)
        occurrence = Occurrence(asked.key, _moment(workflow), held, side, about)
        if _is_timed(version):
            occurrence = _between_times(workflow, occurrence)
        try:
            accepted = accept_for(version, occurrence)
        except NotAddressable as error:
            raise NotPossible(str(error)) from error
        if accepted.created:
            # What the key has started before stays found. Else raising undoes the event.
            if not asked.saw(version):
                raise OtherVersion(version)
            return _started(workflow, accepted, act)
        return _found(workflow, accepted, accepted.event.object if _is_timed(version) else held)


def may_be_started(version: WorkflowVersion) -> bool:
    """Whether somebody may start it: it starts on demand, or by a schedule."""
    trigger = TriggerPlan.of(version.document["trigger"])
    return trigger.type == OnDemand.type or trigger.timing is not None


def _is_timed(version: WorkflowVersion) -> bool:
    return TriggerPlan.of(version.document["trigger"]).timing is not None


def _between_times(workflow: Workflow, asked: Occurrence) -> Occurrence:
    """The same for a workflow with a schedule, which stays as it is. No key is one of its times."""
    held = held_now(workflow.pk, asked.created)
    return replace(asked, identity=f"{_BETWEEN}{asked.identity}", held=held)


def _lock(workflow: Workflow, version: WorkflowVersion) -> None:
    """Let nobody activate another version meanwhile: it may ask for other inputs."""
    # Rows that refer to the workflow may be written meanwhile, as runs are.
    row = Workflow.objects.select_for_update(no_key=True).filter(pk=workflow.pk).first()
    if row is None or row.active_version_id != version.pk:
        raise NotPossible(_("“%s” has been changed meanwhile. Look at it again first.") % workflow.name)


def _moment(workflow: Workflow) -> datetime:
    """Now; never before the activation, which a machine with another clock may have done."""
    since = workflow.activations.filter(ended_at=None).aggregate(latest=Max("started_at"))["latest"]
    return max(timezone.now(), since) if since else timezone.now()


def _started(workflow: Workflow, accepted: Accepted, act: Act) -> Invoked:
    run = _run_of(workflow, accepted)
    event = accepted.event
    if event.matched_at is None:
        raise NotPossible(_("The workflow could not be started just now. Try again."))
    after: dict[str, Any] = {"event": event.external_id, "run": str(run.pk) if run else None}
    record(kinds.RUN_STARTED, act, run or workflow, after=after)
    if run is None:
        return _without_run(workflow, accepted)
    RunOperation.objects.create(
        run=run, kind=OperationKind.START, user=act.user, note=act.note[:500], via=act.origin.via
    )
    return Invoked(accepted, run)


def _found(workflow: Workflow, accepted: Accepted, held: Json) -> Invoked:
    """What the same key has started, if the inputs are the same. Raises `KeyTaken`."""
    event = accepted.event
    if event.pruned_at is not None:
        raise KeyTaken(
            _("This key was used before. Its inputs were emptied because of their age. Choose another key.")
        )
    if _given(event.object) != _given(held):
        raise KeyTaken(_("This key was used before, with other inputs. Choose another key."))
    run = _run_of(workflow, accepted)
    return Invoked(accepted, run) if run else _without_run(workflow, accepted)


def _given(held: Json) -> Json:
    """What was given of the inputs. A version that asks for more holds null for what nobody gave."""
    return {name: value for name, value in held.items() if value is not None}


def _run_of(workflow: Workflow, accepted: Accepted) -> Run | None:
    runs = Run.objects.filter(event=accepted.event, workflow=workflow, rerun_of=None)
    return runs.select_related("version", "workflow").first()


def _without_run(workflow: Workflow, accepted: Accepted) -> Invoked:
    """Why nothing was started, as “Why did it not run?” says it."""
    for verdict in explain(accepted.event):
        if verdict.workflow.pk == workflow.pk:
            return Invoked(accepted, None, verdict.reason.value, verdict.sentence)
    return Invoked(accepted, None, "not_active_then", _("The workflow was not active."))
