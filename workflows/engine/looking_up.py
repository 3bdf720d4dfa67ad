"""What follows from the look-up of a call whose answer was lost. Decides; `attempt` writes it."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from actions.base import Action, ActionContext, Repeat
from actions.errors import KeyMismatch
from actions.look_up import Found, NotFound
from actions.wording import worded
from workflows.definition.retry import KEY_IS_SAFE_FOR
from workflows.engine.perform import Delayed, Done, Unauthorized, look_up
from workflows.failures import with_reason
from workflows.models import Run, StepRun
from workflows.models.run import LookUp
from workflows.run_ids import run_id_for

# How many times a step is repeated after a look-up finds nothing; then a person is asked.
MOST_ANEW = 3


@dataclass(frozen=True)
class Anew:
    """It did not happen: the same inputs are to be sent with the next key."""


@dataclass(frozen=True)
class Undecided:
    """Nobody can tell; `error` is what the history says of it."""

    error: dict[str, Any]


Verdict = Done | Anew | Undecided | Delayed | Unauthorized


def verdict_on(action: Action, record: StepRun, context: ActionContext) -> Verdict:
    """Look the call of `record` up. Its `error` says why its key can tell nothing more."""
    why = dict(record.error or {})
    answer = look_up(action, record.inputs or {}, context)
    if isinstance(answer, Delayed | Unauthorized):
        return answer
    if isinstance(answer, Found):
        return Done(dict(answer.outputs))
    if not isinstance(answer, NotFound):
        return Undecided(with_reason(why, answer.reason))
    if why.get("code") == KeyMismatch.default_code:
        # Something else was done with this key. A call with a new one could be a second effect.
        return Undecided(with_reason(why, worded(_("What that call did was looked up, and not found."))))
    if _times_begun_anew(record) >= MOST_ANEW:
        message = _("It was begun anew %d times already.") % MOST_ANEW
        return Undecided(with_reason(why, worded(message)))
    return Anew()


def looked_up_first(
    action: Action, run: Run, record: StepRun, context: ActionContext
) -> Done | Delayed | Unauthorized | None:
    """What is to be recorded in place of a call, or None if it is to be made.

    A run for an event of yesterday may have been there before, and been forgotten with a backup that was
    restored; so may its keys have been by Stripe. Only what is surely found counts then.
    """
    if action.repeat is not Repeat.KEYED or not _may_be_forgotten(run):
        return None
    answer = look_up(action, record.inputs or {}, context)
    if isinstance(answer, Found):
        return Done(dict(answer.outputs))
    return answer if isinstance(answer, Delayed | Unauthorized) else None


def _may_be_forgotten(run: Run) -> bool:
    is_old = timezone.now() - run.event.created > KEY_IS_SAFE_FOR
    return is_old and run.pk == run_id_for(run.workflow.run_seed, run.event)


def _times_begun_anew(record: StepRun) -> int:
    same = StepRun.objects.filter(run_id=record.run_id, path=record.path)
    return same.filter(look_up=LookUp.NOT_FOUND).count()
