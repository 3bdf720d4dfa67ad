"""Keeps dj-stripe from calling Stripe while a transaction is open.

dj-stripe fetches missing objects in the middle of saving. Inside `replaying(recording)`, a recorded GET
is answered from memory, any other GET raises NeedsFetch, and everything that is not a
GET raises RefusedCall. The caller rolls back, fetches with no transaction open, and saves again.
Other threads and tasks keep the SDK's own client.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import stripe

Response = tuple[Any, int, Mapping[str, str]]


@dataclass(frozen=True)
class Request:
    """A GET of Stripe's API; two are the same if URL and connected account are."""

    url: str
    account: str
    headers: Mapping[str, str] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Recording:
    """The answers that are already here."""

    responses: dict[Request, Response] = field(default_factory=dict)


class NeedsFetch(Exception):
    """Saving needs the answer to `request`, which is not recorded yet."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.url)
        self.request = request


class RefusedCall(Exception):
    """dj-stripe attempted to write to Stripe, or to stream from it."""


_current: ContextVar[Recording | None] = ContextVar("stripeflow_recording", default=None)


def is_active() -> bool:
    """Return whether this thread is inside `replaying`."""
    return _current.get() is not None


@contextmanager
def replaying(recording: Recording) -> Iterator[None]:
    """Answer the SDK's default client from `recording` for the length of a `with` block."""
    _install()
    token = _current.set(recording)
    try:
        yield
    finally:
        _current.reset(token)


class _Gate:
    """Wraps the SDK's default client, and is transparent outside `replaying`."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the inner client has
        return getattr(self._inner, name)

    def request_with_retries(
        self, method: str, url: str, headers: Mapping[str, str], *args: Any, **kwargs: Any
    ) -> Response:
        recording = _current.get()
        if recording is None:
            return self._inner.request_with_retries(method, url, headers, *args, **kwargs)
        return _replay(recording, method=method, url=url, headers=headers)

    def request_stream_with_retries(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if is_active():
            raise RefusedCall(f"stream of {url}")
        return self._inner.request_stream_with_retries(method, url, *args, **kwargs)


def _replay(recording: Recording, *, method: str, url: str, headers: Mapping[str, str]) -> Response:
    if method.lower() != "get":
        raise RefusedCall(f"{method.upper()} {url}")
    request = Request(url=url, account=headers.get("Stripe-Account", ""), headers=dict(headers))
    if request not in recording.responses:
        raise NeedsFetch(request)
    return recording.responses[request]


def _install() -> None:
    """Wrap the SDK's current default client in the gate, for good."""
    stripe.ensure_default_http_client()
    if not isinstance(stripe.default_http_client, _Gate):
        stripe.default_http_client = _Gate(stripe.default_http_client)  # type: ignore[assignment]  # it passes all on
