"""The kill switch and pauses as people use them: with a clear answer to whoever comes second."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from workflows.acts import Act
from workflows.limits import deauthorized, pausing, switch
from workflows.models import Deauthorization, Run, Workflow
from workflows.models.limits import Switch
from workflows.models.run import HeldReason
from workflows.operations import NotPossible
from workflows.states import RunStatus, WorkflowStatus

_CAN_RUN = (WorkflowStatus.ACTIVE, WorkflowStatus.INACTIVE)


def stop_all(act: Act) -> None:
    """Throw the kill switch. Raises `NotPossible` if it is thrown; the first reason stands."""
    if not switch.stop(user=act.user, reason=act.note):
        raise NotPossible(_("All workflows are stopped already."))


def start_all(act: Act) -> int:
    """Put the kill switch back; returns how many runs it had held. Raises `NotPossible` if it is back."""
    if switch.current().stopped_at is None:
        raise NotPossible(_("The workflows are not stopped."))
    return switch.start(user=act.user)


def pause(workflow: Workflow, act: Act) -> None:
    """Hold the runs of one workflow. Raises `NotPossible` if it is paused, or can not run anyway."""
    if workflow.state not in _CAN_RUN:
        raise NotPossible(
            _("“%(name)s” is %(state)s, so there is nothing to pause.")
            % {"name": workflow.name, "state": workflow.get_status_display().lower()}
        )
    if not pausing.pause(workflow.pk, act.note or _("A person paused it.")):
        raise NotPossible(_("“%s” is paused already.") % workflow.name)
    workflow.refresh_from_db(fields=["paused_at", "paused_reason"])


def resume(workflow: Workflow) -> int:
    """End its pauses, those for one account too; returns how many runs they had held.

    Raises `NotPossible` if there is none.
    """
    workflow.refresh_from_db(fields=["paused_at"])
    if workflow.paused_at is None and not workflow.account_pauses.exists():
        raise NotPossible(_("“%s” is not paused.") % workflow.name)
    released = pausing.resume(workflow.pk)
    workflow.refresh_from_db(fields=["paused_at", "paused_reason"])
    return released


def reconnect(row: Deauthorization) -> int:
    """Say that an account is connected again; returns how many runs go on. Raises `NotPossible` if it is."""
    released = deauthorized.reconnect(row)
    if released is None:
        raise NotPossible(_("The account “%s” is connected already.") % row.account)
    return released


def held_by_switch() -> int:
    """How many runs the kill switch holds."""
    return Run.objects.filter(status=RunStatus.HELD, held_reason=HeldReason.SWITCH).count()


def held_by_pause(workflow: Workflow) -> int:
    """How many runs the pauses of this workflow hold, those for one account too."""
    reasons = (HeldReason.PAUSED, HeldReason.ACCOUNT_PAUSED)
    return workflow.runs.filter(status=RunStatus.HELD, held_reason__in=reasons).count()


def switch_sentence(state: Switch) -> str:
    """Who has stopped all workflows, and when; "" while they run."""
    if state.stopped_at is None:
        return ""
    at = date_format(timezone.localtime(state.stopped_at), "DATETIME_FORMAT")
    who = state.user.get_username() if state.user else _("the command line")
    return _("Stopped on %(at)s by %(who)s.") % {"at": at, "who": who}
