"""The one module that calls actions."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from stripeflow.actions import errors
from stripeflow.actions.base import Action, ActionContext, Repeat
from stripeflow.actions.look_up import Found, LookedUp, NotFound, Unclear
from stripeflow.actions.wording import changed, worded
from stripeflow.triggers.redaction import hidden_here, redacted, redacted_values
from stripeflow.workflows import lending
from stripeflow.workflows.credentials import connections
from stripeflow.workflows.credentials.connections import ConnectionUnusable
from stripeflow.workflows.credentials.named_secrets import SecretUnusable
from stripeflow.workflows.engine.decision_table import Result
from stripeflow.workflows.engine.outputs_size import MAX_BYTES, bounded
from stripeflow.workflows.models.failures import Failure, failure

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """The action reported success; or a look-up found an earlier success, and nothing was called."""

    outputs: dict[str, Any]
    result: Result = Result.DONE


@dataclass(frozen=True)
class NotDone:
    """The base of all other results: a stable code, a sentence for people, and plain facts."""

    code: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # They come from foreign code, and are stored.
        if not errors.is_code(self.code) or redacted(self.code) != self.code:
            object.__setattr__(self, "code", errors.ActionError.default_code)
        object.__setattr__(self, "message", changed(self.message, redacted))
        object.__setattr__(self, "details", redacted_values(self.details))

    def to_json(self) -> Failure:
        further = {name: value for name, value in vars(self).items() if name not in ("code", "message")}
        return failure(self.code, self.message, **further)


@dataclass(frozen=True)
class Refused(NotDone):
    """The action failed for good, and did nothing.

    `covers_earlier`: whether this also answers an earlier attempt whose own answer was lost. It does not if
    the call was refused before the receiver looked at the idempotency key.
    """

    covers_earlier: bool = True

    @property
    def result(self) -> Result:
        return Result.REFUSED if self.covers_earlier else Result.REFUSED_UNREAD

    def to_json(self) -> Failure:
        return failure(self.code, self.message, details=self.details)


@dataclass(frozen=True)
class Unauthorized(NotDone):
    """The key was refused: nothing was done, and every other call would be refused too."""

    result: ClassVar = Result.NO_ACCESS


@dataclass(frozen=True)
class Delayed(NotDone):
    """The action did nothing, and may succeed later. `retry_after` is in seconds.

    `counts` is false if no call was made.
    """

    retry_after: float | None = None
    counts: bool = True

    @property
    def result(self) -> Result:
        return Result.DELAYED if self.counts else Result.THROTTLED


@dataclass(frozen=True)
class Unanswered(NotDone):
    """The action may or may not have had its effect."""

    result: ClassVar = Result.NO_ANSWER


@dataclass(frozen=True)
class Exhausted(Unanswered):
    """An earlier attempt may have had its effect. A repeat with the same key cannot tell: look it up."""

    result: ClassVar = Result.KEY_SPENT


@dataclass(frozen=True)
class Judged:
    """Adds what the engine knows of a result, and the action does not."""

    result: Result
    error: Failure

    def to_json(self) -> Failure:
        return self.error


Performed = Done | Refused | Unauthorized | Delayed | Unanswered
Answer = LookedUp | Unauthorized | Delayed


def perform(
    action: Action, inputs: dict[str, Any], context: ActionContext, *, is_bounded: bool = True
) -> Performed:
    """Call `action` once with rendered inputs, and turn whatever happens into a value.

    Its outputs are bounded in bytes, as a step records them, unless `is_bounded` is false.
    """
    try:
        with connections.given(action, inputs) as whole:
            return _performed(action, whole, context, _kept if is_bounded else _plain)
    except SecretUnusable as error:
        return Refused("secret_unusable", worded(str(error)), covers_earlier=False)
    except ConnectionUnusable as error:
        return Refused("connection_unusable", worded(str(error)), covers_earlier=False)


def _performed(
    action: Action,
    inputs: dict[str, Any],
    context: ActionContext,
    kept: Callable[[dict[str, Any]], dict[str, Any]],
) -> Performed:
    try:
        with lending.calling():
            outputs = dict(action.execute(inputs, context))
        return Done(hidden_here(kept(outputs)))
    except errors.TransientError as error:
        return _delayed(error)
    except errors.KeyMismatch as error:
        # One code, whatever the action calls it: what follows depends on the code.
        return Exhausted(errors.KeyMismatch.default_code, str(error), _details(error))
    except errors.KeySpent as error:
        return Exhausted(error.code, str(error), _details(error))
    except errors.UnknownOutcome as error:
        return Unanswered(error.code, str(error), _details(error))
    except errors.AuthenticationFailed as error:
        return Unauthorized(error.code, str(error), _details(error))
    except errors.ActionError as error:
        return Refused(error.code, str(error), _details(error), covers_earlier=_covers_earlier(error))
    except Exception as error:  # noqa: BLE001 - an action is foreign code; its defects go to the history
        logger.exception(
            "workflows.action.crashed", extra={"action": action.key, "key": context.idempotency_key}
        )
        return _crashed(action, error)


def look_up(action: Action, inputs: dict[str, Any], context: ActionContext) -> Answer:
    """Ask `action` whether an earlier call with these rendered inputs took effect; any trouble is a value."""
    try:
        with connections.given(action, inputs) as whole:
            return _looked_up(action, whole, context)
    except (SecretUnusable, ConnectionUnusable) as error:
        return Unclear(worded(str(error)))


def _looked_up(action: Action, inputs: dict[str, Any], context: ActionContext) -> Answer:
    try:
        with lending.calling():
            answer = action.look_up(action.clean(inputs), context)
        if isinstance(answer, Found):
            return Found(hidden_here(_kept(dict(answer.outputs))))
        return answer if isinstance(answer, NotFound) else _unclear(str(answer.reason))
    except errors.TransientError as error:
        return _delayed(error)
    except errors.AuthenticationFailed as error:
        return Unauthorized(error.code, str(error), _details(error))
    except errors.ActionError as error:
        return _unclear(str(error))
    except Exception as error:  # noqa: BLE001 - as above
        logger.exception(
            "workflows.look_up.crashed", extra={"action": action.key, "key": context.idempotency_key}
        )
        return Unclear(_broke_off(action, error))


def _unclear(reason: str) -> Unclear:
    return Unclear(changed(reason, redacted))


def _delayed(error: errors.TransientError) -> Delayed:
    return Delayed(
        error.code,
        str(error),
        _details(error),
        retry_after=error.retry_after,
        counts=not isinstance(error, errors.Throttled),
    )


def _covers_earlier(error: errors.ActionError) -> bool:
    # A refused input, for example, says nothing about the earlier call.
    return not isinstance(error, errors.RefusedUnread)


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """The value as its JSON column will give it back. Raises for what JSON cannot hold."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def _kept(outputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs as they are recorded, bounded in bytes."""
    text = json.dumps(outputs, cls=DjangoJSONEncoder)
    plain = json.loads(text)
    return plain if len(text) <= MAX_BYTES else bounded(plain)


def _details(error: errors.ActionError) -> dict[str, Any]:
    """The error's details; as text where they are not plain, since the failure itself must be recorded."""
    try:
        return _plain(error.details)
    except (TypeError, ValueError, RecursionError):
        return {"details": repr(error.details)[:1000]}


def _crashed(action: Action, error: Exception) -> Performed:
    if action.repeat is Repeat.SAFE:
        return Refused("action_crashed", _broke_off(action, error))
    return Unanswered("action_crashed", _broke_off(action, error))


def _broke_off(action: Action, error: Exception) -> str:
    message = _("The action “%(label)s” broke off with %(error)s. The worker's log has the details.")
    return worded(message, names={"label": action.label, "error": type(error).__name__})
