"""The request that a thread serves: id, address and token, for log lines and the audit log.

The middleware keeps it; see `log_lines`. Reads no row: logging is set up before there are models.
"""

import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from stripeflow.triggers import conf
from stripeflow.triggers.addresses import address_of

HEADER = "X-Request-ID"
_ATTRIBUTE = "stripeflow_facts"
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


@dataclass
class RequestFacts:
    """What is known of one request before anybody is logged in; `token` once one was sent.

    Only the visible start of the token is kept, without the prefix.
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
    """The facts of this request, if they were read before."""
    return getattr(getattr(request, "_request", request), _ATTRIBUTE, None)


def _request_id(request: HttpRequest) -> str:
    """Our own request id, or that of a trusted proxy."""
    sent = request.headers.get(HEADER, "") if conf.get_int("TRUSTED_PROXIES") else ""
    return sent if _ID.fullmatch(sent) else uuid4().hex
