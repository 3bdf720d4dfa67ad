"""Starts a workflow on demand: the same for a page, the API and a command.

The event, who started it and how, and the row of the audit log are written by one transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.triggers.inbox import Accepted
from stripeflow.workflows.access.asking_again import allowing
from stripeflow.workflows.access.setting_off import Operation, check
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.definition.on_demand.trigger import OnDemand
from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.matching.addressed import NotAddressable, Occurrence, accept_for
from stripeflow.workflows.models import RunOperation, Workflow, WorkflowVersion
from stripeflow.workflows.models.operation import OperationKind
from stripeflow.workflows.operations.asking import (
    KEY,
    Asked,
    OtherVersion,
    held_of,
    inputs_of,
    is_timed,
    side_of_asked,
)
from stripeflow.workflows.operations.earlier import (
    BETWEEN,
    Invoked,
    earlier,
    find,
    found_again,
    invoked_by,
    started_by,
)
from stripeflow.workflows.schedules.held import held_now


def active_version_of(workflow: Workflow) -> WorkflowVersion:
    """The version that would run. Raises `NotPossible`."""
    if workflow.active_version is None:
        raise NotPossible(_("“%s” is not active. Activate it first.") % workflow.name)
    return workflow.active_version


def invoke(workflow: Workflow, asked: Asked, act: Act) -> Invoked:
    """Start a run of the active version, or find what the same key has started.

    The key counts first: a request whose answer was lost finds its run also if the workflow has changed
    since, or is no longer active. Raises `NotPossible`, also as `WrongInputs`, `KeyTaken` and `OtherVersion`,
    and `PermissionDenied`.
    """
    check(act.user, Operation.START, [])
    if not KEY.fullmatch(asked.key):
        raise NotPossible(_("A key has 1 to 200 letters, digits and signs, and no spaces."))
    if found := earlier(workflow, asked, act):
        return found
    try:
        version = active_version_of(workflow)
        with _starting(workflow, version, act):
            return _invoke(workflow, version, asked, act, moment_of(workflow))
    except (NotPossible, PermissionDenied):
        # The key may have been used since the first look, before the change that is in the way now.
        if found := earlier(workflow, asked, act):
            return found
        raise


def invoke_together(workflow: Workflow, many: Sequence[Asked], act: Act) -> list[Invoked]:
    """The same for several keys of one mode and account, by one transaction: all of them, or none.

    Raises what `invoke` would raise for one of them; then none has started.
    """
    version = active_version_of(workflow)
    with _starting(workflow, version, act):
        found = find(workflow, many[0], [one.key for one in many])
        moment = moment_of(workflow)
        return [
            found_again(found[one.key], workflow, one, act)
            if one.key in found
            else _invoke(workflow, version, one, act, moment)
            for one in many
        ]


@contextmanager
def _starting(workflow: Workflow, version: WorkflowVersion, act: Act) -> Iterator[None]:
    """A transaction in which `act.user` may start this version, and it stays the active one."""
    with allowing(act.user, Operation.START, [version.document]):
        _lock(workflow, version)
        yield


def _invoke(
    workflow: Workflow, version: WorkflowVersion, asked: Asked, act: Act, moment: datetime
) -> Invoked:
    if not asked.saw(version):
        raise OtherVersion(version)
    held, about = held_of(inputs_of(version), asked.values)
    side = side_of_asked(scope_of(version.document["trigger"]), asked)
    occurrence = Occurrence(asked.key, moment, held, side, about)
    if is_timed(version):
        occurrence = _between_times(workflow, occurrence)
    try:
        accepted = accept_for(version, occurrence)
    except NotAddressable as error:
        raise NotPossible(str(error)) from error
    if not accepted.created:
        return started_by(accepted.event, workflow, asked, act)
    return _started(workflow, accepted, act)


def may_be_started(version: WorkflowVersion) -> bool:
    """Whether somebody may start it: it starts on demand, or by a schedule."""
    trigger = TriggerPlan.of(version.document["trigger"])
    return trigger.type == OnDemand.type or trigger.timing is not None


def _between_times(workflow: Workflow, asked: Occurrence) -> Occurrence:
    """The same for a workflow with a schedule, which stays as it is. No key is one of its times."""
    held = held_now(workflow.pk, asked.created)
    return replace(asked, identity=f"{BETWEEN}{asked.identity}", held=held)


def _lock(workflow: Workflow, version: WorkflowVersion) -> None:
    """Let nobody activate another version meanwhile: it may ask for other inputs."""
    # Rows that refer to the workflow may be written meanwhile, as runs are.
    row = Workflow.objects.select_for_update(no_key=True).filter(pk=workflow.pk).first()
    if row is None or row.active_version_id != version.pk:
        raise NotPossible(_("“%s” has been changed meanwhile. Look at it again first.") % workflow.name)


def moment_of(workflow: Workflow) -> datetime:
    """Now; never before the activation, which a machine with another clock may have done."""
    since = workflow.activations.filter(ended_at=None).aggregate(latest=Max("started_at"))["latest"]
    return max(timezone.now(), since) if since else timezone.now()


def _started(workflow: Workflow, accepted: Accepted, act: Act) -> Invoked:
    event = accepted.event
    if event.matched_at is None:
        raise NotPossible(_("The workflow could not be started just now. Try again."))
    invoked = invoked_by(workflow, accepted)
    run = invoked.run
    after: dict[str, Any] = {"event": event.external_id, "run": str(run.pk) if run else None}
    record(kinds.RUN_STARTED, act, run or workflow, after=after)
    if run is not None:
        RunOperation.objects.create(
            run=run, kind=OperationKind.START, user=act.user, note=act.note[:500], via=act.origin.via
        )
    return invoked
