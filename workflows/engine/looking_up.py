"""Looks up a call whose answer was lost. `decision_table` says what follows."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions.base import Action, ActionContext, Repeat
from stripeflow.actions.errors import KeyMismatch
from stripeflow.actions.look_up import Found, NotFound, Unclear
from stripeflow.actions.wording import worded
from stripeflow.triggers.models import Source
from stripeflow.workflows.definition.retry import KEY_IS_SAFE_FOR
from stripeflow.workflows.engine.decision_table import Result
from stripeflow.workflows.engine.perform import Delayed, Done, Unauthorized, look_up
from stripeflow.workflows.engine.run_ids import run_id_for
from stripeflow.workflows.limits.loops import run_in_key
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.models.step_run import LookUp

# How many times a step is repeated after a look-up finds nothing; then a person is asked.
MAX_RESTARTS = 3
# Events by which runs start others.
_OURS = (Source.ON_DEMAND, Source.WORKFLOW)


@dataclass(frozen=True)
class LookedUp:
    """What a look-up said. `reason`: what to add for a person, if one is asked.

    `outputs` is what it found. `answer` says why there is no result, if the look-up has to be repeated.
    """

    result: Result
    reason: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    answer: Delayed | Unauthorized | None = None

    @property
    def counts(self) -> bool:
        """Whether it counts as a look-up without an answer."""
        return isinstance(self.answer, Delayed) and self.answer.counts


def looked_up(action: Action, record: StepRun, context: ActionContext) -> LookedUp:
    """Look up the call of `record`. Its `error` says why a repeat with its key would tell nothing more."""
    context = replace(context, called_at=record.started_at.timestamp())
    answer = look_up(action, record.inputs or {}, context)
    match answer:
        case Found():
            return LookedUp(Result.FOUND, outputs=dict(answer.outputs))
        case NotFound():
            return _not_found(record)
        case Unclear():
            return LookedUp(Result.UNCLEAR, answer.reason)
        case Unauthorized():
            return LookedUp(Result.LOOK_UP_NO_ACCESS, answer=answer)
        case Delayed():
            return LookedUp(Result.LOOK_UP_DELAYED, answer.message, answer=answer)


def _not_found(record: StepRun) -> LookedUp:
    if (record.error or {}).get("code") == KeyMismatch.default_code:
        # Something else was done with this key, so a call with a new key could be a second effect.
        reason = worded(_("What that call did was looked up, and not found."))
        return LookedUp(Result.NOT_FOUND_KEY_MISUSED, reason)
    return LookedUp(Result.NOT_FOUND, worded(_("It was started again %d times already.") % MAX_RESTARTS))


def may_begin_again(record: StepRun) -> bool:
    """Whether the step may be sent once more with the next key, after look-ups did not find it."""
    same = StepRun.objects.filter(run_id=record.run_id, path=record.path)
    return same.filter(look_up=LookUp.NOT_FOUND).count() < MAX_RESTARTS


def looked_up_first(
    action: Action, run: Run, record: StepRun, context: ActionContext
) -> Done | Delayed | Unauthorized | None:
    """What to record in place of a call, or None if the call has to be made.

    A run for an event of yesterday may have existed before a backup was restored, and Stripe may have
    forgotten its keys as well. So only a call that is surely found counts.
    """
    if action.repeat is not Repeat.KEYED or not _may_be_forgotten(run):
        return None
    answer = look_up(action, record.inputs or {}, context)
    if isinstance(answer, Found):
        return Done(dict(answer.outputs), result=Result.FOUND)
    return answer if isinstance(answer, Delayed | Unauthorized) else None


def _may_be_forgotten(run: Run) -> bool:
    is_old = timezone.now() - _began_with(run) > KEY_IS_SAFE_FOR
    return is_old and run.pk == run_id_for(run.workflow.run_seed, run.event)


def _began_with(run: Run) -> datetime:
    """When the event came about that began it all: that of the run which has started this one, and so on.

    After a restored backup these start each other again, by new events with the same keys.
    """
    event, seen = run.event, {run.pk}
    while event.source in _OURS and (before := run_in_key(event.request_idempotency_key)):
        found = Run.objects.select_related("event").filter(pk=before).exclude(pk__in=seen).first()
        if found is None:
            break
        seen.add(found.pk)
        event = found.event
    return event.created
