"""The origin of an act: a session, a token or a command, an address and a request."""

import getpass
import hashlib
import os
import platform
import sys
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from stripeflow.workflows.audit.requests import facts_of
from stripeflow.workflows.models.audit import Via

_MANAGERS = ("manage.py", "django-admin", "__main__.py")


@dataclass(frozen=True)
class Origin:
    """By what, and from where. `token` is the visible start of a token, `session` a digest of its key."""

    via: Via = Via.SYSTEM
    token_id: int | None = None
    token: str = ""
    session: str = ""
    command: str = ""
    address: str = ""
    request_id: str = ""


def origin_of(request: Any) -> Origin:
    """The origin of acts of `request`, one of Django or of the API."""
    facts, token = facts_of(request), getattr(request, "auth", None)
    return Origin(
        via=Via.ADMIN if isinstance(request, HttpRequest) and token is None else Via.API,
        token_id=getattr(token, "pk", None),
        token=getattr(token, "hint", ""),
        session="" if token is not None else session_digest(request),
        address=facts.address,
        request_id=facts.request_id,
    )


def origin_of_command(command: object) -> Origin:
    """The origin of a management command: its name, and who runs it on which machine."""
    return _of_command(type(command).__module__.rpartition(".")[2])


def origin_of_process() -> Origin:
    """The default origin: the management command that this process runs, or nothing."""
    if os.path.basename(sys.argv[0]) in _MANAGERS and len(sys.argv) > 1:
        return _of_command(sys.argv[1][:60])
    return Origin()


def _of_command(name: str) -> Origin:
    return Origin(via=Via.COMMAND, command=name, address=f"{_account()}@{platform.node()}"[:100])


def session_digest(request: Any) -> str:
    """A digest that identifies a session, but does not open it; "" without a session."""
    key = getattr(getattr(request, "session", None), "session_key", None)
    return hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an id that has no name, as in a container
        return str(os.getuid())
