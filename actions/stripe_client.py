"""The one door to Stripe: keys, account, timeouts, and errors the engine can decide on."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from stripeflow.actions import conf
from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import (
    ActionError,
    AuthenticationFailed,
    Forbidden,
    KeyMismatch,
    NoKey,
    PermanentError,
    ReplayedError,
    TransientError,
    UnknownOutcome,
    is_code,
)
from stripeflow.actions.rate_limit import LimitedClient
from stripeflow.actions.wording import Worded, worded

logger = logging.getLogger(__name__)

_SECRET = re.compile(r"\b(sk|rk|whsec|ek|pk)_[A-Za-z0-9_*]+")
_LOGGED = ("status", "request_id", "stripe_code")
# The code of the error where there is no such object.
NOT_FOUND = "not_found"


def client(context: ActionContext, *, timeout: float | None = None) -> stripe.StripeClient:
    """Return a client for the step's account and mode; `timeout` is in seconds for one call.

    The SDK's own retries are off: the engine repeats, with the same key. Raises AuthenticationFailed if
    there is no key for the mode.
    """
    base = conf.get("STRIPE_API_BASE")
    # An account within an organization is named by a path, which Stripe takes as a context only.
    whose = "stripe_context" if "/" in context.account else "stripe_account"
    account: dict[str, Any] = {whose: context.account or None}
    return stripe.StripeClient(
        secret_key(livemode=context.livemode),
        http_client=_http_client(timeout or conf.get("STRIPE_TIMEOUT_SECONDS")),
        max_network_retries=0,
        **account,
        base_addresses={"api": base} if base else None,
    )


def call(
    context: ActionContext,
    function: Callable[[stripe.StripeClient], stripe.StripeObject],
    *,
    writes: bool,
    timeout: float | None = None,
) -> dict[str, Any]:
    """Make one call and return Stripe's answer as plain JSON.

    Where the answer is lost, a call that `writes` raises UnknownOutcome, a reading one TransientError.
    Raises other subclasses of ActionError as `translated` says.
    """
    try:
        answer = function(client(context, timeout=timeout))
    except stripe.StripeError as error:
        failure = translated(error, writes=writes)
        logger.warning("actions.stripe.failed", extra=_facts(context, failure))
        raise failure from error
    return json.loads(cast(stripe.StripeResponse, answer.last_response).body)


@dataclass(frozen=True)
class _Raw:
    """What `call` reads of an answer that the SDK has made no object of."""

    last_response: stripe.StripeResponse


def raw(context: ActionContext, verb: str, path: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Make one call of an address ("/v1/invoices/in_1"), and return Stripe's answer as plain JSON.

    The names of `parameters` must be none of the SDK's own options ("api_key"): it would take them for such.
    Raises what `call` raises; what is no JSON is an answer that is lost.
    """
    options = dict(keyed(context)) if verb == "post" else {}

    def send(client: stripe.StripeClient) -> Any:
        return _Raw(client.raw_request(verb, path, **parameters, **options))

    answer = call(context, send, writes=verb != "get")
    return answer if isinstance(answer, dict) else {"data": answer}


def plain_list(path: str, parameters: Mapping[str, Any], client: stripe.StripeClient) -> Any:  # noqa: ANN401
    """Return a page of a list for `call`, without the objects of the SDK, which take ten times the rest."""
    return _Raw(client.raw_request("get", path, **parameters))


def keyed(context: ActionContext) -> stripe.RequestOptions:
    """Return the options of a writing call: Stripe recognises a repeat by this key."""
    return {"idempotency_key": context.idempotency_key}


def secret_key(*, livemode: bool) -> str:
    """Return the API key of a mode. Raises AuthenticationFailed if it is absent or of the other mode."""
    name, other = "STRIPE_TEST_SECRET_KEY", "live"
    if livemode:
        name, other = "STRIPE_LIVE_SECRET_KEY", "test"
    key = getattr(settings, name, "")
    if not key:
        raise NoKey(worded(_("No Stripe API key is set: %(name)s is empty."), names={"name": name}))
    if key.startswith((f"sk_{other}_", f"rk_{other}_")):
        message = worded(_("%(name)s holds a key of the other mode."), names={"name": name})
        raise NoKey(message, code="wrong_mode_key")
    return key


def translated(error: stripe.StripeError, *, writes: bool) -> ActionError:
    """Return our error for one of the SDK's (https://docs.stripe.com/error-low-level)."""
    status = error.http_status
    values: dict[str, Any] = {"details": _details(error)}
    if isinstance(error, stripe.RateLimitError):
        return TransientError(
            _said(error, _("Stripe limits the rate of calls")),
            code="rate_limited",
            retry_after=_retry_after(error),
            **values,
        )
    if status == 409:
        return _conflict(error, writes=writes)
    if isinstance(error, stripe.IdempotencyError):
        message = _said(error, _("The idempotency key was used before with other parameters"))
        return KeyMismatch(message, code="idempotency_mismatch", **values)
    if status in (401, 403):
        message = _said(error, _("Stripe refused the API key"))
        return (AuthenticationFailed if status == 401 else Forbidden)(message, **values)
    if status is not None and 400 <= status < 500:
        return PermanentError(_said(error, _("Stripe refused the call")), code=_refusal(status), **values)
    return _lost(error, writes=writes)


@lru_cache(maxsize=8)
def _http_client(timeout: float) -> stripe.HTTPClient:
    """Connections are kept per thread; connecting and answering share the seconds."""
    return LimitedClient(timeout=(timeout / 4, timeout * 3 / 4))


def _refusal(status: int) -> str:
    return {400: "invalid_request", 402: "card_error", 404: NOT_FOUND}.get(status, "stripe_error")


def _conflict(error: stripe.StripeError, *, writes: bool) -> ActionError:
    message = _said(error, _("Stripe is still working on a call like this one"))
    if writes and _stripe_code(error) == "idempotency_key_in_use":
        # An earlier attempt of ours is in flight: its outcome is not known yet.
        return UnknownOutcome(message, code="in_flight", details=_details(error))
    return TransientError(message, code="conflict", details=_details(error))


def _lost(error: stripe.StripeError, *, writes: bool) -> ActionError:
    if writes and _is_replayed(error):
        message = _said(error, _("Stripe answers every repeat with the error that the first call ended in"))
        return ReplayedError(message, code="replayed_error", details=_details(error))
    if isinstance(error, stripe.APIConnectionError):
        code = "connection_error"
        message = worded(_("Stripe could not be reached, or did not answer in time."))
    else:
        code = "stripe_unavailable"
        message = _said(error, _("Stripe had an error of its own"))
    kind = UnknownOutcome if writes else TransientError
    return kind(message, code=code, details=_details(error))


def _is_replayed(error: stripe.StripeError) -> bool:
    """Whether Stripe says that it answers with a stored result (https://docs.stripe.com/error-low-level)."""
    return (error.headers or {}).get("idempotent-replayed", "").lower() == "true"


def _said(error: stripe.StripeError, what: str) -> Worded:
    """Return our sentence with Stripe's own message and the request id, without secrets.

    Stripe's message may quote what was sent, so the public sentence has Stripe's code instead.
    """
    said = _SECRET.sub(r"\1_…", (error.user_message or "").strip().rstrip("."))
    request = f" ({error.request_id})" if error.request_id else ""
    code = _stripe_code(error) or ""
    return Worded(
        f"{what}: {said}{request}." if said else f"{what}{request}.",
        f"{what}: {code}{request}." if is_code(code) else f"{what}{request}.",
    )


def _facts(context: ActionContext, failure: ActionError) -> dict[str, Any]:
    """Return the facts of a failed call for a log line: no values, and not which one was wrong."""
    facts = {name: failure.details[name] for name in _LOGGED if name in failure.details}
    return {"run": context.run_id, "step": context.step_key, "code": failure.code, **facts}


def _details(error: stripe.StripeError) -> dict[str, Any]:
    details = {
        "status": error.http_status,
        "request_id": error.request_id,
        "stripe_code": _stripe_code(error),
        "param": getattr(error, "param", None),
    }
    return {name: value for name, value in details.items() if value is not None}


def _stripe_code(error: stripe.StripeError) -> str | None:
    body = error.json_body if isinstance(error.json_body, dict) else {}
    inner = body.get("error")
    return error.code or (inner.get("code") if isinstance(inner, dict) else None)


def _retry_after(error: stripe.StripeError) -> float | None:
    seconds = (error.headers or {}).get("retry-after", "")
    return float(seconds) if seconds.isascii() and seconds.isdigit() else None
