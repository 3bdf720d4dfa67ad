"""A tiny Stripe on loopback: serves objects by path, and remembers what was asked of it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit


@dataclass
class FakeStripe:
    """`objects` by path; `failures` by path are statuses; `on_request` runs before each answer."""

    objects: dict[str, dict] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    on_request: Callable[[], None] = lambda: None
    url: str = ""

    def answer(self, method: str, path: str) -> tuple[int, dict]:
        if path in self.failures:
            return self.failures[path], {"error": {"type": "api_error", "message": "Out of order."}}
        if method == "GET" and path in self.objects:
            return 200, self.objects[path]
        missing = {"type": "invalid_request_error", "code": "resource_missing", "message": "No such object"}
        return 404, {"error": missing}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeStripe


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _answer(self) -> None:
        fake = self.server.fake
        path = urlsplit(self.path).path
        fake.requests.append((self.command, path))
        fake.accounts.append(self.headers.get("Stripe-Account", ""))
        fake.on_request()
        status, payload = fake.answer(self.command, path)
        content = json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _answer

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def serving(fake: FakeStripe) -> Iterator[FakeStripe]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.fake = fake
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
