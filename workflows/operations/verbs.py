"""Who can do what to a run: one answer, and one way to do it, for admin, API and command line."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.access.asking_again import allowing
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.access.setting_off import Operation, check, may
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.limits import switch
from stripeflow.workflows.models import AccountPause, Run
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.operations.refusals import Outdated, UnknownBranch
from stripeflow.workflows.operations.waiting import wait_of
from stripeflow.workflows.permissions import InsufficientScope
from stripeflow.workflows.states import RunStatus

MAX_AT_ONCE = 200


class Verb(models.TextChoices):
    """What people do to a run, besides resolving an unknown outcome and choosing a branch."""

    CANCEL = "cancel", _("Cancel")
    RETRY = "retry", _("Retry from the failed step")
    RELEASE = "release", _("Release")
    WAKE = "wake", _("End the wait now")
    RESTART = "restart", _("Restart")
    RERUN = "rerun", _("Run again on the newest version")


class Outcome(models.TextChoices):
    """What a person says about a step whose outcome is unknown."""

    HAPPENED = "happened", _("It happened, go on")
    DID_NOT_HAPPEN = "did_not_happen", _("It did not happen")
    AGAIN = "again", _("Do it again")


DONE: dict[Verb, Promise] = {
    Verb.CANCEL: _("Canceled. A step that is under way ends; nothing follows it."),
    Verb.RETRY: _("Retrying from the step that failed."),
    Verb.RELEASE: _("Released. It goes on."),
    Verb.WAKE: _("The wait is over. The run goes on."),
    Verb.RESTART: _("Started again from the first step, on the same version. This is the new run."),
    Verb.RERUN: _("Started again from the first step, on the newest version. This is the new run."),
}
RESOLVED: dict[Outcome, Promise] = {
    Outcome.HAPPENED: _("Noted that the step did happen. The run goes on."),
    Outcome.DID_NOT_HAPPEN: _("Noted that the step did not happen: it has failed."),
    Outcome.AGAIN: _("The step is done again."),
}
# These start a new run beside the one that they repeat.
STARTS_AGAIN = frozenset({Verb.RESTART, Verb.RERUN})
# Each of them has a rule in `setting_off`, or this module cannot be imported.
_OPERATIONS = {one: Operation(one.value) for one in (*Verb, *Outcome)}
_FUNCTIONS: dict[Verb, Callable[[Run, Act], Run | None]] = {
    Verb.CANCEL: on_runs.cancel,
    Verb.RETRY: on_runs.retry,
    Verb.RELEASE: on_runs.release,
    Verb.WAKE: on_runs.wake,
    Verb.RESTART: on_runs.rerun,
    Verb.RERUN: lambda run, act: on_runs.rerun(run, act, newest=True),
}


@dataclass(frozen=True)
class Result:
    """The result for one run of several. `code` is empty if it was done; `run` may be a new one."""

    id: UUID
    run: Run | None = None
    code: str = ""
    message: str = ""

    @classmethod
    def refused(cls, pk: UUID, error: NotPossible | PermissionDenied) -> "Result":
        """The result for a run that was left as it is."""
        if isinstance(error, Outdated):
            return cls(pk, code="revision_conflict", message=str(error))
        if isinstance(error, UnknownBranch):
            return cls(pk, code="unknown_branch", message=str(error))
        if isinstance(error, InsufficientScope):
            return cls(pk, code="insufficient_scope", message=str(error))
        if isinstance(error, ProofNeeded):
            return cls(pk, code="proof_needed", message=str(error))
        code = "permission_denied" if isinstance(error, PermissionDenied) else "not_allowed"
        return cls(pk, code=code, message=str(error))


def perform(run: Run, verb: Verb, act: Act) -> Run:
    """Do it, and return the run to look at now: a new one if it was started again.

    Raises `NotPossible`, and `PermissionDenied` if the person may not. The command line may do everything.
    """
    with allowing(act.user, _OPERATIONS[verb], _documents(run, verb)):
        if verb is Verb.RELEASE:
            _check_reason_is_over(run)
        new = _FUNCTIONS[verb](run, act)
        if new is None:
            run.refresh_from_db()
            return run
        # Another version may have been activated since.
        check(act.user, _OPERATIONS[verb], [new.version.document])
        return new


def resolve(
    run: Run, outcome: Outcome, act: Act, *, revision: int, outputs: dict[str, Any] | None = None
) -> Run:
    """Say what became of the step whose outcome is unknown. `outputs` are for "it happened".

    `revision` is that of the run as the person has seen it: a later unknown outcome is another one.
    Raises `NotPossible` and `PermissionDenied`.
    """
    with allowing(act.user, _OPERATIONS[outcome], [run.version.document]):
        if outcome is Outcome.DID_NOT_HAPPEN:
            on_runs.deny(run, act, revision=revision)
        elif outcome is Outcome.HAPPENED:
            on_runs.confirm(run, act, revision=revision, outputs=outputs)
        else:
            on_runs.do_again(run, act, revision=revision)
    run.refresh_from_db()
    return run


def choose(run: Run, branch: str, act: Act, *, revision: int) -> Run:
    """Have an undecided run go on down the branch of this key; `revision` is as in `resolve`.

    Raises `NotPossible`, as one of these `UnknownBranch`, and `PermissionDenied`.
    """
    with allowing(act.user, Operation.CHOOSE, [run.version.document]):
        on_runs.choose(run, branch, act, revision=revision)
    run.refresh_from_db()
    return run


def perform_each(ids: Iterable[UUID], verb: Verb, act: Act) -> Iterator[Result]:
    """Do it to each of the runs, independently; each id counts once."""
    wanted = list(dict.fromkeys(ids))
    found = Run.objects.select_related("workflow", "version").in_bulk(wanted)
    for one in wanted:
        yield _result(one, found.get(one), verb, act)


def offered(run: Run, user: Any) -> list[Verb]:
    """What the state of the run, and the permissions of the user, allow."""
    return [verb for verb in Verb if _fits(run, verb) and _may(run, verb, user)]


def _result(pk: UUID, run: Run | None, verb: Verb, act: Act) -> Result:
    if run is None:
        return Result(pk, code="not_found", message=_now("There is no run %s.") % pk)
    try:
        return Result(pk, perform(run, verb, act))
    except (NotPossible, PermissionDenied) as error:
        return Result.refused(pk, error)


def _fits(run: Run, verb: Verb) -> bool:
    state, kept = run.state, run.pruned_at is None
    if verb is Verb.CANCEL:
        return not state.is_final
    if verb is Verb.RETRY:
        return state is RunStatus.FAILED and kept
    if verb is Verb.RELEASE:
        return state is RunStatus.HELD and not _still_held(run)
    if verb is Verb.WAKE:
        wait = wait_of(run)
        return wait is not None and kinds.named(wait.record.kind).may_wake
    if not state.is_final or run.event.pruned_at is not None:
        return False
    newest = run.workflow.active_version_id
    # On the same version it would be a restart.
    return verb is Verb.RESTART or newest not in (None, run.version_id)


def _may(run: Run, verb: Verb, user: Any) -> bool:
    return may(user, _OPERATIONS[verb], _documents(run, verb))


def _documents(run: Run, verb: Verb) -> list[Json]:
    """The frozen documents whose steps the verb starts; none if no version is active to run on."""
    version = run.workflow.active_version if verb is Verb.RERUN else run.version
    return [] if version is None else [version.document]


def _check_reason_is_over(run: Run) -> None:
    if reason := _still_held(run):
        raise NotPossible(reason)


def _still_held(run: Run) -> str:
    """Why the run would be held again at once, as a sentence, or ""."""
    if switch.current().stopped_at is not None:
        return _now("All workflows are stopped. Held runs go on once they are started again.")
    if run.held_reason == HeldReason.UNDECIDED:
        return _now("Nobody has chosen the branch yet. Choose it, and the run goes on.")
    if run.held_reason == HeldReason.PAUSED and run.workflow.paused_at is not None:
        return _now("The workflow is paused. Its held runs go on once it is resumed.")
    if run.held_reason == HeldReason.ACCOUNT_PAUSED and AccountPause.objects.of(run).exists():
        return _now(
            "The workflow is paused for this account and mode. Its held runs go on once it is resumed."
        )
    return ""
