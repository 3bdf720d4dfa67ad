"""The errors of actions, by what the engine may do next."""

import re
from collections.abc import Mapping
from typing import Any

_CODE = re.compile(r"[a-z0-9_]{1,60}")


def is_code(text: object) -> bool:
    """Whether it is a stable code, and no free text: everybody may see a code, but not values."""
    return isinstance(text, str) and _CODE.fullmatch(text) is not None


class ActionError(Exception):
    """A failed action. `code` is a stable string, `message` a sentence for people, without secrets.

    A code has only a-z, 0-9 and _, since people who may not see values see it; any other code is dropped.
    `details` holds plain JSON values for the history (status, request id, Stripe's own code).
    """

    default_code = "action_error"

    def __init__(
        self, message: str, *, code: str | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.details = dict(details or {})

    def __str__(self) -> str:
        return str(self.message)


class PermanentError(ActionError):
    """This attempt did nothing, and the same attempt again would fail again."""

    default_code = "permanent_error"


class AuthenticationFailed(PermanentError):
    """Stripe refused the key (401, 403), or there is none: every other call would fail as well."""

    default_code = "authentication_failed"


class Forbidden(AuthenticationFailed):
    """The key may not do this on this account (403); it may elsewhere."""

    default_code = "forbidden"


class NoKey(AuthenticationFailed):
    """There is no key for the mode, or one of the other mode in its place: no call was made."""

    default_code = "no_api_key"
    codes = frozenset({default_code, "wrong_mode_key"})


class RefusedUnread(PermanentError):
    """This attempt did nothing, and its answer says nothing of an earlier one with the same key.

    For a receiver of which nobody knows that it answers a repeated key as it did the first time.
    """

    default_code = "refused"


class InvalidInput(RefusedUnread):
    """A rendered input cannot be used. `field` is the input's name; the message carries its label."""

    default_code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, details={"field": field})
        self.field = field


class TransientError(ActionError):
    """This attempt did nothing; the same one may succeed later. `retry_after` is in seconds, if known."""

    default_code = "transient_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code, details=details)
        self.retry_after = retry_after


class Throttled(TransientError):
    """Our own rate limit held the call back. It was not sent, and does not count as an attempt."""

    default_code = "throttled"


class NeedsApproval(Throttled):
    """People have to approve the call first. It was not sent, and does not count as an attempt."""

    default_code = "approval_needed"


class UnknownOutcome(ActionError):
    """The call left, and nobody knows whether it took effect. Only `Repeat` says what may follow."""

    default_code = "unknown_outcome"


class KeySpent(UnknownOutcome):
    """The idempotency key is exhausted: every repeat would get this same answer."""

    default_code = "key_spent"


class ReplayedError(KeySpent):
    """The receiver replays the stored error of an earlier attempt, which may or may not have acted."""

    default_code = "replayed_error"


class KeyMismatch(KeySpent):
    """The key was used before, with other parameters; what that call did is unknown.

    So this call did nothing, and a call with a new key could be a second effect.
    """

    default_code = "idempotency_mismatch"
