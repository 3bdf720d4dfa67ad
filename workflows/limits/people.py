"""The kill switch and pauses as people use them: with a clear answer to the person who comes second."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows.access.asking_again import allowing, as_of_now
from stripeflow.workflows.access.setting_off import Operation, check, refusal
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.audit.record import Facts, record
from stripeflow.workflows.limits import deauthorized, pausing, switch
from stripeflow.workflows.limits.going_on import (
    WentOn,
    active_documents,
    all_active_documents,
    hold_back,
    not_paused,
)
from stripeflow.workflows.models import Deauthorization, Run, Workflow
from stripeflow.workflows.models.limits import Switch
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.states import RunStatus, WorkflowStatus

_CAN_RUN = (WorkflowStatus.ACTIVE, WorkflowStatus.INACTIVE)


def stop_all(act: Act) -> None:
    """Throw the kill switch.

    Raises `NotPossible` if it is already thrown (the first reason stands), and `PermissionDenied`.
    """
    with allowing(act.user, Operation.STOP_ALL, ()):
        if not switch.stop(user=act.user, reason=act.note):
            raise NotPossible(_("All workflows are stopped already."))
        record(kinds.ALL_STOPPED, act)


def start_all(act: Act) -> WentOn:
    """Put the kill switch back; returns how many of its held runs go on.

    Raises `NotPossible` if it is back, and `PermissionDenied`, also where new events would start what moves
    money, and the person may not.
    """
    with allowing(act.user, Operation.START_ALL, ()):
        if Switch.objects.select_for_update().filter(stopped_at__isnull=False).first() is None:
            raise NotPossible(_("The workflows are not stopped."))
        person = as_of_now(act.user)
        check(person, Operation.START_ALL, all_active_documents())
        # A run of a paused workflow is held again, once a worker takes it.
        held_back = hold_back(person, Operation.START_ALL, not_paused(), HeldReason.SWITCH)
        went_on = WentOn(switch.start(user=act.user), held_back)
        record(kinds.ALL_STARTED, act, after=_counts(went_on))
    return went_on


def pause(workflow: Workflow, act: Act) -> None:
    """Hold the runs of one workflow.

    Raises `NotPossible` if it is paused, or cannot run anyway, and `PermissionDenied`.
    """
    with allowing(act.user, Operation.PAUSE, ()):
        if workflow.state not in _CAN_RUN:
            raise NotPossible(
                _("“%(name)s” is %(state)s, so there is nothing to pause.")
                % {"name": workflow.name, "state": workflow.get_status_display().lower()}
            )
        if not pausing.pause(workflow.pk, act.note or _("A person paused it.")):
            raise NotPossible(_("“%s” is paused already.") % workflow.name)
        record(kinds.WORKFLOW_PAUSED, act, workflow)
        workflow.refresh_from_db(fields=["paused_at", "paused_reason"])


def resume(workflow: Workflow, act: Act) -> WentOn:
    """End its pauses, those for one account too; returns what became of the runs that they had held.

    Raises `NotPossible` if there is none, and `PermissionDenied`, also where the active version moves money,
    and the person may not.
    """
    with allowing(act.user, Operation.RESUME, ()):
        current = Workflow.objects.select_for_update().get(pk=workflow.pk)
        if current.paused_at is None and not current.account_pauses.exists():
            raise NotPossible(_("“%s” is not paused.") % current.name)
        person = as_of_now(act.user)
        check(person, Operation.RESUME, active_documents(current))
        reasons = (HeldReason.PAUSED, HeldReason.ACCOUNT_PAUSED)
        held_back = hold_back(person, Operation.RESUME, current.runs.all(), *reasons)
        released = pausing.resume(workflow.pk)
        workflow.refresh_from_db(fields=["paused_at", "paused_reason"])
        went_on = WentOn(released, held_back)
        record(kinds.WORKFLOW_RESUMED, act, workflow, after=_counts(went_on))
    return went_on


def reconnect(row: Deauthorization, act: Act) -> WentOn:
    """Say that an account is connected again; returns what became of its runs.

    Raises `NotPossible` if it is, and `PermissionDenied`, also where its new events would start what moves
    money, and the person may not.
    """
    with allowing(act.user, Operation.RECONNECT, ()):
        current = Deauthorization.objects.select_for_update().get(pk=row.pk)
        if current.deauthorized_at is None:
            raise NotPossible(_("The account “%s” is connected already.") % row.account)
        whose = AccountMode.of(row)
        person = as_of_now(act.user)
        check(person, Operation.RECONNECT, all_active_documents(whose))
        reasons = (HeldReason.DEAUTHORIZED, HeldReason.ACCOUNT_PAUSED)
        runs = not_paused().filter(**whose._asdict())
        held_back = hold_back(person, Operation.RECONNECT, runs, *reasons)
        went_on = WentOn(deauthorized.reconnect(row) or 0, held_back)
        record(kinds.ACCOUNT_RECONNECTED, act, row, after={"mode": whose.mode, **_counts(went_on)})
    return went_on


def _counts(went_on: WentOn) -> Facts:
    return {"released": went_on.released, "held_back": went_on.held_back}


def held_by_switch() -> int:
    """How many runs the kill switch holds."""
    return Run.objects.filter(status=RunStatus.HELD, held_reason=HeldReason.SWITCH).count()


def held_by_pause(workflow: Workflow) -> int:
    """How many runs the pauses of this workflow hold, those for one account too."""
    reasons = (HeldReason.PAUSED, HeldReason.ACCOUNT_PAUSED)
    return workflow.runs.filter(status=RunStatus.HELD, held_reason__in=reasons).count()


def refusal_to_start(user: Any) -> str:
    """Why `user` may not put the kill switch back, as a sentence, or ""."""
    return refusal(user, Operation.START_ALL, all_active_documents())


def refusal_to_resume(user: Any, workflow: Workflow) -> str:
    """Why `user` may not resume the workflow, as a sentence, or ""."""
    return refusal(user, Operation.RESUME, active_documents(workflow))


def switch_sentence(state: Switch) -> str:
    """Who has stopped all workflows, and when; "" while they run."""
    if state.stopped_at is None:
        return ""
    at = date_format(timezone.localtime(state.stopped_at), "DATETIME_FORMAT")
    who = state.user_name or _("the command line")
    return _("Stopped on %(at)s by %(who)s.") % {"at": at, "who": who}
