"""What runs and steps keep of an error, and what may be shown of it to whom.

Its message may hold values of the payload. So the row has the sentence twice: whole, and as it reads without
values (`public`). Everybody who shows an error asks here; an error without a public sentence, of an older
row or of an action that tells none, shows only its code to people who may not see payloads.
"""

from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions.visible import single_line
from stripeflow.actions.wording import public_of, worded

Failure = dict[str, Any]


def failure(code: str, message: str, **more: Any) -> Failure:
    """What a row keeps of an error. A message that is `worded` knows how it reads without values."""
    public = public_of(message)
    return {"code": code, "message": str.__str__(message), **({"public": public} if public else {}), **more}


def held(why: object) -> Failure:
    """What a run keeps while it is held; `why` is a sentence without values, of `HeldReason`."""
    return failure("held", worded(why))


def with_reason(why: Failure, reason: str) -> Failure:
    """The error `why`, which also says `reason`."""
    if not reason:
        return why
    more = {**why, "message": f"{why.get('message', '')} {reason}".strip()}
    if "public" in why:
        more["public"] = f"{why['public']} {public_of(reason)}".strip()
    return more


def public_sentence(code: str, message: str = "") -> str:
    """A message without its values; where nobody knows which they are, what its code says."""
    return public_of(message) or _by_code(code)


def sentence(error: Failure | None, *, payloads: bool) -> str:
    """The message of a kept error, "" if there is none. `payloads`: whether the reader may see values."""
    if not error:
        return ""
    text = error.get("message") if payloads else error.get("public") or _by_code(str(error.get("code", "")))
    return single_line(str(text or ""))


def shown(error: Failure | None, *, payloads: bool) -> Failure | None:
    """A kept error as it may be shown: its message, and its details only for people who may see values."""
    if not error:
        return None
    kept = {name: value for name, value in error.items() if name != "public"}
    kept["message"] = sentence(error, payloads=payloads)
    return kept if payloads else {**kept, "details": None}


def emptied(error: Failure) -> Failure:
    """A kept error without the values that it holds, for what is old."""
    sentence = _("There was the error “%s”. What it said was removed because of its age.")
    public = error.get("public") or sentence % error.get("code", "")
    kept = {name: value for name, value in error.items() if name != "details"}
    return {**kept, "message": public, "public": public}


def _by_code(code: str) -> str:
    message = _("There was the error “%(code)s”. Reading what it says needs the permission to see payloads.")
    return message % {"code": code}
