"""One API request from its first check to its reply, in Stripe's order.

Rate limiter, authentication, URL, parameters, idempotency key, and only then the endpoint; the faults
that are on strike at the place where they would at Stripe.
"""

import base64
import binascii
import hmac
import json
import logging
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from stripeflow_site.standin import params as kinds
from stripeflow_site.standin import resources  # noqa: F401 - registers the endpoints
from stripeflow_site.standin.errors import ApiFailure, invalid, rate_limited, unrecognized_url
from stripeflow_site.standin.expand import expanded
from stripeflow_site.standin.faults import FaultKind
from stripeflow_site.standin.idempotency import Result
from stripeflow_site.standin.identifiers import new_id
from stripeflow_site.standin.operations import URLS, Call, Operation
from stripeflow_site.standin.payloads import API_VERSION
from stripeflow_site.standin.store import Scope
from stripeflow_site.standin.world import Origin, World

logger = logging.getLogger(__name__)


class LostConnection(ConnectionError):
    """The connection is closed without a reply, as a fault wants it."""


@dataclass
class Exchange:
    """What is known so far of one request and its reply."""

    world: World
    request: Request
    id: str = field(default_factory=lambda: new_id("req"))
    scope: Scope = Scope()
    params: dict[str, Any] = field(default_factory=dict)
    replayed: bool = False
    original: str = ""
    faults: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    clearings: int = 0

    @property
    def key(self) -> str | None:
        """The idempotency key; Stripe heeds it on POST only."""
        return self.request.headers.get("Idempotency-Key") if self.request.method == "POST" else None

    def fault(self, kind: FaultKind) -> dict[str, Any] | None:
        """Take a fault that hits this request."""
        options = self.world.faults.on_request(kind, method=self.request.method, path=self.request.path)
        if options is not None:
            self.faults.append(kind.value)
        return options


def respond(world: World, request: Request) -> Response:
    """Serve one request under /v1 or /v2. Raises LostConnection where a fault swallows the reply."""
    exchange = Exchange(world, request, clearings=world.faults.clearings)
    # What is left unread when a fault hangs up would be logged as a malformed next request.
    with suppress(RequestEntityTooLarge):
        request.get_data()
    lost = exchange.fault(FaultKind.LOST_REQUEST) is not None
    if not lost:
        status, body = _reply(exchange)
        lost = exchange.fault(FaultKind.LOST_REPLY) is not None
    else:
        status, body = None, b""
    _record(exchange, status, body, lost=lost)
    if lost or status is None:
        _hang_up(request)
    return Response(body, status, headers=_headers(exchange), content_type="application/json")


def _reply(exchange: Exchange) -> tuple[int, bytes]:
    try:
        _stand_before(exchange)
        return _answer(exchange)
    except ApiFailure as failure:
        return _failed(exchange, failure)
    except Exception:  # noqa: BLE001 - a server answers 500 and goes on; the failure is logged
        logger.exception("standin.api.broken", extra={"path": exchange.request.path})
        return _failed(exchange, ApiFailure(500, "The stand-in itself failed.", type="api_error"))


def _failed(exchange: Exchange, failure: ApiFailure) -> tuple[int, bytes]:
    exchange.headers |= failure.headers
    return failure.status, _packed(failure.body(exchange.id))


def _packed(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return json.dumps(value, indent=None, separators=(",", ":")).encode()


def _stand_before(exchange: Exchange) -> None:
    """The limiter, which no idempotency key knows of."""
    if (limited := exchange.fault(FaultKind.RATE_LIMIT)) is not None:
        after = limited["retry_after"]
        raise rate_limited(None if after is None else str(after))


def _answer(exchange: Exchange) -> tuple[int, bytes]:
    exchange.scope = _authenticated(exchange.world, exchange.request)
    operation, ids = _endpoint(exchange.request)
    exchange.params = _params(exchange.request)
    typed = operation.check(exchange.params)
    key = exchange.key
    if not key:
        _wait(exchange)
        return _executed(exchange, operation, ids, typed)[:2]
    stored = exchange.world.keys.begin(
        exchange.scope,
        key,
        method=exchange.request.method,
        path=exchange.request.path,
        params=exchange.params,
    )
    if stored is not None:
        exchange.replayed, exchange.original = True, stored.request_id
        _wait(exchange)
        return stored.status, stored.body
    return _claimed(exchange, key, operation, ids, typed)


def _claimed(
    exchange: Exchange, key: str, operation: Operation, ids: dict[str, str], typed: dict[str, Any]
) -> tuple[int, bytes]:
    keys, kept = exchange.world.keys, None
    try:
        _wait(exchange)
        status, body, kept = _executed(exchange, operation, ids, typed)
        return status, body
    finally:
        if kept is None:
            keys.release(exchange.scope, key)
        else:
            keys.finish(exchange.scope, key, kept)


def _wait(exchange: Exchange) -> None:
    if (slow := exchange.fault(FaultKind.LATENCY)) is not None:
        exchange.world.faults.pause(slow["seconds"], since=exchange.clearings)


def _executed(
    exchange: Exchange, operation: Operation, ids: dict[str, str], typed: dict[str, Any]
) -> tuple[int, bytes, Result | None]:
    """Status, body, and what an idempotency key is to remember of it."""
    if (before := exchange.fault(FaultKind.ERROR_BEFORE)) is not None:
        status, body = _failed(exchange, _failure_of(before))
        return status, body, Result(status, body, exchange.id) if before["stored"] else None
    status, body, kept = _ran(exchange, operation, ids, typed)
    if (after := exchange.fault(FaultKind.ERROR_AFTER)) is not None:
        status, body = _failed(exchange, _failure_of(after))
        kept = Result(status, body, exchange.id) if after["stored"] else kept
    return status, body, kept


def _ran(
    exchange: Exchange, operation: Operation, ids: dict[str, str], typed: dict[str, Any]
) -> tuple[int, bytes, Result | None]:
    world = exchange.world
    origin = Origin(exchange.scope, exchange.id, exchange.key)
    try:
        with world.lock:
            obj = operation.handler(Call(world, origin, exchange.request.path, typed, ids))
            body = _packed(expanded(world.store, exchange.scope, obj, typed["expand"]))
    except ApiFailure as failure:
        status, body = _failed(exchange, failure)
        return status, body, Result(status, body, exchange.id) if failure.stored else None
    return 200, body, Result(200, body, exchange.id)


def _failure_of(options: dict[str, Any]) -> ApiFailure:
    """The error that a fault asks for."""
    status = options["status"]
    return ApiFailure(
        status,
        options["message"] or "An error was asked for by a fault of the stand-in.",
        type=options["type"]
        or {402: "card_error"}.get(status, "api_error" if status >= 500 else None)
        or "invalid_request_error",
        code=options["code"],
    )


def _authenticated(world: World, request: Request) -> Scope:
    """Whose objects the key opens. Raises ApiFailure 401."""
    key = _key(request.headers.get("Authorization", ""))
    if not key:
        raise ApiFailure(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            stored=False,
        )
    if not any(hmac.compare_digest(key.encode(), known.encode()) for known in world.api_keys):
        raise ApiFailure(401, f"Invalid API Key provided: {_masked(key)}", stored=False)
    account = _account(request)
    if account and not account.startswith("acct_"):
        raise ApiFailure(
            403,
            f"The provided key does not have access to account '{account}' (or that account does not exist).",
            code="account_invalid",
            stored=False,
        )
    return Scope("" if account == world.account else account, key.partition("_")[2].startswith("live_"))


def _account(request: Request) -> str:
    """Whose objects are asked for; a context is a path of accounts, of which the last one is meant."""
    context = request.headers.get("Stripe-Context", "")
    return request.headers.get("Stripe-Account", "") or context.rpartition("/")[2]


def _key(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _masked(key: str) -> str:
    return f"{key[:8]}{'*' * 8}{key[-4:]}" if len(key) > 16 else "*" * len(key)


def _endpoint(request: Request) -> tuple[Operation, dict[str, str]]:
    try:
        found, ids = URLS.bind(request.host or "localhost").match(request.path, method=request.method)
        return found, dict(ids)
    except HTTPException:
        raise unrecognized_url(request.method, request.path) from None


def _params(request: Request) -> dict[str, Any]:
    query = request.query_string.decode("latin-1")
    if request.method == "GET":
        return kinds.decode(query)
    if request.mimetype not in ("application/x-www-form-urlencoded", ""):
        raise invalid(
            f"Invalid request: the content type {request.mimetype[:60]} is not supported, send a form.", None
        )
    try:
        form = request.get_data(cache=False).decode()
    except (UnicodeDecodeError, RequestEntityTooLarge):
        raise invalid("Invalid request: the body could not be read.", None) from None
    return kinds.decode("&".join(part for part in (query, form) if part))


def _headers(exchange: Exchange) -> dict[str, str]:
    headers = {"Request-Id": exchange.id, "Stripe-Version": API_VERSION} | exchange.headers
    if exchange.scope.account:
        headers["Stripe-Account"] = exchange.scope.account
    if exchange.key and exchange.key.isprintable():
        headers["Idempotency-Key"] = exchange.key
    if exchange.replayed:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": exchange.original}
    return headers


def _record(exchange: Exchange, status: int | None, body: bytes, *, lost: bool) -> None:
    """Write the request into the ledger; never its key."""
    request = exchange.request
    error = json.loads(body)["error"] if status is not None and status >= 400 else None
    exchange.world.ledger.write(
        "request",
        request_id=exchange.id,
        method=request.method,
        path=request.path,
        params=exchange.params,
        account=_account(request),
        livemode=exchange.scope.livemode,
        idempotency_key=request.headers.get("Idempotency-Key"),
        clock=exchange.world.clock.seconds(),
        status=status,
        error={name: error.get(name) for name in ("type", "code", "message")} if error else None,
        replayed=exchange.replayed,
        original_request=exchange.original or None,
        reply="lost" if lost else "sent",
        faults=exchange.faults,
    )


def _hang_up(request: Request) -> None:
    connection = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    raise LostConnection("The reply was swallowed by a fault.")
