"""The sender: prepared requests over a few kept connections, each answer checked and timed."""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

TIMEOUT_SECONDS = 60.0


class Unexpected(RuntimeError):
    """The server did not answer 200."""


@dataclass(frozen=True)
class Sent:
    """What one burst took: its whole length, and each answer's time, in seconds."""

    seconds: float
    answers: tuple[float, ...]

    @property
    def rate(self) -> float:
        return len(self.answers) / self.seconds

    def quantile(self, share: float) -> float:
        ordered = sorted(self.answers)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(path: str, body: bytes, headers: dict[str, str], *, method: str = "POST") -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def burst(port: int, requests: Sequence[bytes], *, connections: int) -> Sent:
    """Send all requests as fast as the answers come, over this many connections at once."""
    answers: list[float] = []
    errors: list[Exception] = []
    threads = [
        threading.Thread(target=_send, args=(port, requests[number::connections], answers, errors))
        for number in range(connections)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if errors:
        raise errors[0]
    return Sent(seconds, tuple(answers))


def paced(port: int, requests: Sequence[bytes], *, per_second: float) -> list[float]:
    """Send the requests at a steady pace; returns when each was sent, in seconds since 1970."""
    sent = []
    began = time.monotonic()
    for number, data in enumerate(requests):
        time.sleep(max(0.0, began + number / per_second - time.monotonic()))
        sent.append(time.time())
        errors: list[Exception] = []
        _send(port, [data], [], errors)
        if errors:
            raise errors[0]
    return sent


def _send(port: int, requests: Sequence[bytes], answers: list[float], errors: list[Exception]) -> None:
    connection: socket.socket | None = None
    try:
        for data in requests:
            began = time.perf_counter()
            connection = connection or _connect(port)
            connection.sendall(data)
            if not _answered(connection):
                connection.close()
                connection = None
            answers.append(time.perf_counter() - began)
    except (OSError, Unexpected) as error:
        errors.append(error)
    finally:
        if connection is not None:
            connection.close()


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _answered(connection: socket.socket) -> bool:
    """Read one answer; True if the connection stays open. Raises `Unexpected` unless it is 200."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _blank, body = received.partition(b"\r\n\r\n")
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise Unexpected(received[:500].decode(errors="replace"))
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(headers[b"content-length"]):
        body += _more(connection)
    return headers.get(b"connection") != b"close"


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise Unexpected("The server closed the connection.")
    return data
