"""One connection for one request: to the IP address that was checked, and no longer than its time.

`requests-hardened` resolves the name once, and connects to that very address, so that a name which resolves
differently the next time (DNS rebinding) leads nowhere else. Its list of private ranges has gaps, so the
address is checked once more here.
"""

import socket
import ssl
import time
from functools import cache, partial
from ipaddress import ip_address
from threading import Timer
from typing import Any

import certifi
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from stripeflow.actions.outbound.public_addresses import is_public


class Call:
    """The time of one request, and whether any of it has left.

    A time-out of a socket bounds one read, not all of them: a server that sends a byte each second would
    hold a worker for hours. So a timer shuts the connection down once `seconds` are over.
    """

    def __init__(self, seconds: float) -> None:
        self.sent = False
        self._ends = time.monotonic() + seconds
        self._timer: Timer | None = None
        self._twin: socket.socket | None = None

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._ends

    def watch(self, sock: socket.socket) -> None:
        """Shut this connection down once the time is over. Raises TimeoutError if it is already."""
        if self.is_over:
            raise TimeoutError
        # TLS takes the socket over; a duplicate still reaches the connection.
        self._twin = sock.dup()
        self._timer = Timer(self._ends - time.monotonic(), self._shut_down)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._twin is not None:
            self._twin.close()

    def _shut_down(self) -> None:
        try:
            if self._twin is not None:
                self._twin.shutdown(socket.SHUT_RDWR)
        except OSError:
            # The other side has closed it already.
            return


class _Noting:
    """Tells the call when it is connected, and when the first byte leaves."""

    sock: Any

    def __init__(self, *args: Any, call: Call, **options: Any) -> None:
        self._call = call
        super().__init__(*args, **options)

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()  # type: ignore[misc]  # of urllib3's class beside
        try:
            self._call.watch(sock)
        except OSError:
            sock.close()
            raise
        return sock

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        self._call.sent = True
        super().send(data)  # type: ignore[misc]


class _Plain(_Noting, HTTPConnection):
    pass


class _Secure(_Noting, HTTPSConnection):
    pass


class _Adapter(HTTPAdapter):
    """Makes the connections of one call."""

    def __init__(self, call: Call, *, is_secure: bool, **options: Any) -> None:
        self._call, self._is_secure = call, is_secure
        super().__init__(**options)

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if self._is_secure:
            pool["ssl_context"] = _trust()
            # The name is checked within the handshake, by Python itself.
            pool.pop("assert_hostname", None)
        return host, pool

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = partial(_Secure if self._is_secure else _Plain, call=self._call)  # type: ignore[assignment]
        return pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """The context has the authorities; loading them for each request takes longer than many requests."""
        if self._is_secure:
            conn.cert_reqs = "CERT_REQUIRED"


class TrustedAdapter(_Adapter):
    """For origins that the settings name: wherever the name leads."""


class PublicAdapter(_Adapter, IPFilterAdapter):
    """For all others: to public addresses only."""

    def __init__(self, call: Call, *, is_secure: bool) -> None:
        super().__init__(call, is_secure=is_secure, is_https_proto=is_secure)

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        # The name is replaced by the one address that will be connected to.
        if not is_public(ip_address(host["host"].strip("[]"))):
            raise InvalidIPAddress
        return host, pool


@cache
def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
