"""A server on loopback that answers every request by a script: bytes, or a function of the connection."""

import contextlib
import socket
import ssl
import threading


class Hostile:
    """`requests` has what each connection sent; `origin` is where it listens."""

    def __init__(self, script, *, context: ssl.SSLContext | None = None, host="127.0.0.1"):
        self.script, self.context, self.host, self.requests = script, context, host, []
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, 0), family=family)
        self.port = self._listening.getsockname()[1]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def origin(self):
        return f"{'https' if self.context else 'http'}://{self.host}:{self.port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._ended.set()
        # Wakes the accept.
        with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), timeout=1):
            pass
        self._listening.close()
        self._thread.join(5)

    def wait(self, seconds):
        """Wait within a script, but not beyond the end of the test; whether it goes on."""
        return not self._ended.wait(seconds)

    def _serve(self):
        while not self._ended.is_set():
            with contextlib.suppress(OSError):
                connection, _address = self._listening.accept()
                if self._ended.is_set():
                    connection.close()
                    return
                with connection:
                    self._answer(connection)

    def _answer(self, connection):
        connection.settimeout(5)
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True)
        self.requests.append(_request(connection))
        if callable(self.script):
            self.script(self, connection)
        else:
            connection.sendall(self.script)
        if self.context:
            connection.close()


def _request(connection):
    found = b""
    while b"\r\n\r\n" not in found:
        part = connection.recv(65536)
        if not part:
            return found
        found += part
    head, _blank, body = found.partition(b"\r\n\r\n")
    names = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    length = int(names.get(b"content-length", 0))
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(body=b"{}", *, status="200 OK", headers=(), length=None):
    """The bytes of a whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def again(first, part, pause=0.0):
    """A script that sends `first`, and then `part` for ever."""

    def script(server, connection):
        connection.sendall(first)
        while server.wait(pause):
            connection.sendall(part)

    return script
