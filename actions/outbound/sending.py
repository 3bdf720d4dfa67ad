"""Sends one request, and reads its answer within bounds."""

import logging
import re
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import requests
from django.utils.translation import gettext as _
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError

from stripeflow.actions import conf
from stripeflow.actions.errors import ActionError, RefusedUnread, TransientError, UnknownOutcome
from stripeflow.actions.outbound.answers import Answer
from stripeflow.actions.outbound.connecting import Call, PublicAdapter, TrustedAdapter
from stripeflow.actions.outbound.origins import AddressRefused, Origin, is_trusted, origin_of, refusal
from stripeflow.actions.wording import worded

logger = logging.getLogger(__name__)

READING = frozenset({"GET", "HEAD"})
METHODS = READING | {"POST", "PUT", "PATCH", "DELETE"}
# Of a body, decompressed, that comes back; of all headers; and of a body that is sent.
MAX_BYTES = 1_048_576
MAX_HEADER_BYTES = 32_768
MAX_SENT_BYTES = 5 * 1_048_576
USER_AGENT = "StripeFlow"
# So much of the time may pass until the connection stands.
_TO_CONNECT = 0.5
_CHUNK = 16_384
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?", re.ASCII)
# What says where a message begins, ends or goes is ours to say; cookies belong to browsers.
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "expect",
        "forwarded",
        "host",
        "http2-settings",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
    }
)
_OUR_STARTS = ("proxy-", "sec-", "x-forwarded-")
_FAILURES = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError)


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float | None = None,
    max_bytes: int = MAX_BYTES,
    writes: bool | None = None,
) -> Answer:
    """Send one request, and return its answer, whatever its status.

    `timeout` is in seconds for all of it, by default `OUTBOUND_TIMEOUT_SECONDS`. Of a body that is longer
    than `max_bytes`, breaks off, or comes too slowly, the answer has the beginning, and says so in `cut`.
    `writes` says whether the request may change something; by default, all methods but GET and HEAD do.

    Raises `AddressRefused` (permanent) where nothing may be sent; RefusedUnread for a bad certificate or
    header; TransientError where nothing has left; and where a request has left without an answer
    UnknownOutcome, or TransientError if it only reads.
    """
    origin = _checked(method, url, headers or {}, body)
    writes = method not in READING if writes is None else writes
    call = Call(timeout or conf.get("OUTBOUND_TIMEOUT_SECONDS"))
    adapter = TrustedAdapter if is_trusted(origin) else PublicAdapter
    with _session() as session:
        session.mount(f"{origin.scheme}://", adapter(call, is_secure=origin.scheme == "https"))
        try:
            with session.send(
                _prepared(session, method, url, origin, headers or {}, body),
                stream=True,
                timeout=_timeouts(timeout or conf.get("OUTBOUND_TIMEOUT_SECONDS")),
            ) as response:
                return _read(response, origin, call, max_bytes=max_bytes, writes=writes)
        except _FAILURES as error:
            failure = _failure(error, origin, call, writes=writes)
            logger.warning(
                "actions.outbound.failed",
                extra={"host": origin.host, "code": failure.code, "error": type(error).__name__},
            )
            # What the libraries say holds the whole address, with the values in it.
            raise failure from None
        finally:
            call.close()


def check_header(name: str, value: str | None = None) -> None:
    """Check a header that somebody else chose. Raises RefusedUnread for one that is not theirs to send."""
    lower = name.lower()
    if not _NAME.fullmatch(name):
        raise _bad_header(_("“%(name)s” cannot be the name of a header."), name)
    if lower in _OURS or lower.startswith(_OUR_STARTS):
        raise _bad_header(_("The header “%(name)s” cannot be chosen: the connection sets it."), name)
    if value is not None and value and not _VALUE.fullmatch(value):
        raise _bad_header(
            _("The value of the header “%(name)s” has line breaks, or characters outside of ASCII."), name
        )


def _checked(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Origin:
    if method not in METHODS:
        raise RefusedUnread(worded(_("The method of the request is not known.")), code="method")
    origin = origin_of(url)
    if why := refusal(origin):
        raise AddressRefused(why)
    for name, value in headers.items():
        check_header(name, value)
    if body is not None and len(body) > MAX_SENT_BYTES:
        raise RefusedUnread(worded(_("The body of the request is too long.")), code="body_too_long")
    return origin


class _Session(HTTPSession):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: even unfollowed, the library would read the whole body of a redirect, however long it is."""
        return None


def _session() -> HTTPSession:
    session = _Session(
        Config(
            # Its own adapters are mounted first; ours take their places.
            ip_filter_enable=True,
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=(1.0, 1.0),
            user_agent_override=USER_AGENT,
        )
    )
    # No proxy, no `.netrc`, and no other authorities from the environment.
    session.trust_env = False
    return session


def _prepared(
    session: HTTPSession,
    method: str,
    url: str,
    origin: Origin,
    headers: Mapping[str, str],
    body: bytes | None,
) -> requests.PreparedRequest:
    # An answer that is not compressed cannot be a bomb.
    ours = {"Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
    request = requests.Request(method, url, headers={**ours, **headers}, data=body)
    prepared = session.prepare_request(request)
    # The library reads the address by its own rules: it must have read the same.
    if origin_of(str(prepared.url)) != origin or urlsplit(str(prepared.url)).netloc.lower() != _netloc(url):
        raise AddressRefused(worded(_("The address is read in two ways.")))
    return prepared


def _netloc(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _timeouts(seconds: float) -> tuple[float, float]:
    return (seconds * _TO_CONNECT, seconds)


def _read(response: requests.Response, origin: Origin, call: Call, *, max_bytes: int, writes: bool) -> Answer:
    if call.is_over:
        # The connection was shut down within the headers, which looks like their end.
        raise TimeoutError
    headers = {name.lower(): value for name, value in response.headers.items()}
    size = sum(len(name) + len(value) for name, value in headers.items())
    if size > MAX_HEADER_BYTES:
        # What comes behind such headers is not read; the status counts.
        return Answer(response.status_code, {}, b"", origin.host, writes, _("The headers are too long."))
    body, cut = _body(response.raw, call, max_bytes)
    return Answer(response.status_code, headers, body, origin.host, writes, cut)


def _body(raw: Any, call: Call, most: int) -> tuple[bytes, str]:
    """The body, and why it is cut, or ""."""
    found = bytearray()
    try:
        for part in raw.stream(min(_CHUNK, most + 1), decode_content=True):
            found += part
            if len(found) > most:
                return bytes(found[:most]), _("The answer is longer than %d bytes.") % most
    except _FAILURES:
        return bytes(found), _late() if call.is_over else _("The answer broke off.")
    # A connection that is shut down looks like the end of the body.
    return bytes(found), _late() if call.is_over else ""


def _late() -> str:
    return _("The answer did not come to its end in time.")


def _failure(error: Exception, origin: Origin, call: Call, *, writes: bool) -> ActionError:
    """The error of a request without an answer."""
    names, details = {"host": origin.host}, {"host": origin.host, "error": type(error).__name__}
    if isinstance(error, InvalidIPAddress):
        message = _("%(host)s leads to an address that is not of the public Internet. Nothing was sent.")
        return AddressRefused(worded(message, names=names), code="address_private", details=details)
    if call.sent:
        message = _("%(host)s took the request, and gave no answer that can be read.")
        kind = UnknownOutcome if writes else TransientError
        return kind(worded(message, names=names), code="no_answer", details=details)
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        message = _("%(host)s has no certificate that can be trusted. Nothing was sent.")
        return RefusedUnread(worded(message, names=names), code="certificate", details=details)
    if isinstance(error, requests.exceptions.InvalidURL | UnicodeError):
        message = _("%(host)s is no host that can be asked for. Nothing was sent.")
        return AddressRefused(worded(message, names=names), details=details)
    message = _("%(host)s could not be reached. Nothing was sent.")
    return TransientError(worded(message, names=names), code="unreachable", details=details)


def _bad_header(message: str, name: str) -> RefusedUnread:
    return RefusedUnread(worded(message, names={"name": name}), code="header")
