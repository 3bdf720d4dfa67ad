"""By what and from where somebody acts: a session, a token or a command, an address and a request.

The middleware keeps the facts of the request that a thread serves, for log lines; see `log_lines`.
"""

import getpass
import hashlib
import os
import platform
import re
import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers import conf
from stripeflow.triggers.addresses import address_of

HEADER = "X-Request-ID"
_ATTRIBUTE = "stripeflow_facts"
_MANAGERS = ("manage.py", "django-admin", "__main__.py")
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


class Via(models.TextChoices):
    """The door through which somebody came."""

    ADMIN = "admin", _("Admin")
    API = "api", _("API")
    COMMAND = "command", _("Command line")
    SYSTEM = "system", _("By itself")


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


@dataclass
class RequestFacts:
    """What is known of one request before anybody is logged in; `token` once one was sent.

    Of the token it is what follows its prefix in the part that people know it by.
    """

    request_id: str
    address: str
    token: str = ""


_served: ContextVar[HttpRequest | None] = ContextVar("stripeflow_request", default=None)


class RequestFactsMiddleware:
    """Gives each request an id, answers with it, and keeps it with the address for log lines.

    Put it first, so that what the others log has them as well.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        facts = facts_of(request)
        entered = _served.set(request)
        try:
            response = self.get_response(request)
        finally:
            _served.reset(entered)
        response.headers.setdefault(HEADER, facts.request_id)
        return response


def served_request() -> HttpRequest | None:
    """The request that is being served, or None."""
    return _served.get()


def current_facts() -> RequestFacts | None:
    """The facts of the request that is being served, or None."""
    request = served_request()
    return None if request is None else facts_of(request)


def facts_of(request: Any) -> RequestFacts:
    """The facts of this request, also where the middleware is not installed."""
    plain = getattr(request, "_request", request)
    found = getattr(plain, _ATTRIBUTE, None)
    if found is None:
        found = RequestFacts(_request_id(plain), address_of(plain))
        setattr(plain, _ATTRIBUTE, found)
    return found


def known_facts(request: Any) -> RequestFacts | None:
    """The facts of this request, if anybody asked for them before."""
    return getattr(getattr(request, "_request", request), _ATTRIBUTE, None)


def origin_of(request: Any) -> Origin:
    """The origin of what `request`, one of Django or of the API, does."""
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
    """The origin of what a management command does: its name, and who runs it on which machine."""
    return _of_command(type(command).__module__.rpartition(".")[2])


def origin_of_process() -> Origin:
    """The origin of what is not given one: the management command that this process runs, or nothing."""
    if os.path.basename(sys.argv[0]) in _MANAGERS and len(sys.argv) > 1:
        return _of_command(sys.argv[1][:60])
    return Origin()


def _of_command(name: str) -> Origin:
    return Origin(via=Via.COMMAND, command=name, address=f"{_account()}@{platform.node()}"[:100])


def session_digest(request: Any) -> str:
    """Tells sessions apart, and opens none; "" without a session."""
    key = getattr(getattr(request, "session", None), "session_key", None)
    return hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""


def _request_id(request: HttpRequest) -> str:
    """Our own, or that of a proxy which is believed."""
    sent = request.headers.get(HEADER, "") if conf.get_int("TRUSTED_PROXIES") else ""
    return sent if _ID.fullmatch(sent) else uuid4().hex


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an id that has no name, as in a container
        return str(os.getuid())
