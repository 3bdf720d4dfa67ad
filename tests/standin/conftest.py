"""A real stand-in as a subprocess, the real SDK, and a small server that receives webhooks."""

import http.client
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import stripe

from stripeflow_site.standin.driver import Standin

SECRET = "whsec_of_the_tests"
WEBHOOK = {
    "url": "",
    "secrets": [SECRET],
    "enabled_events": ["*"],
    "api_events": True,
    "max_attempts": 3,
    "retry_seconds": 0.05,
    "timeout_seconds": 10,
}


class Receiver:
    """Receives webhooks; answers with `statuses` one after the other, then with 200."""

    def __init__(self):
        self.received = []
        self.statuses = []
        self.lock = threading.Lock()
        self.most_at_once = self.at_once = 0
        self.gate = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(dict(self.headers), body)
                self.send_response(status)
                self.end_headers()
                receiver.leave()

            def log_message(self, *args):
                """Write nothing."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def take(self, headers, body):
        with self.lock:
            self.received.append((headers, body))
            status = self.statuses.pop(0) if self.statuses else 200
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        if self.gate:
            self.gate.wait()
        return status

    def leave(self):
        with self.lock:
            self.at_once -= 1

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def events(self):
        return [json.loads(body) for _, body in self.received]

    @property
    def types(self):
        return [event["type"] for event in self.events]

    @property
    def ids(self):
        return [event["id"] for event in self.events]


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    ledger = tmp_path_factory.mktemp("standin") / "ledger.jsonl"
    with Standin.start(ledger=ledger) as standin:
        yield standin


@pytest.fixture
def standin(running):
    running.set_webhook(**WEBHOOK)
    running.webhook_secret = SECRET
    running.reset()
    return running


@pytest.fixture
def receiver(standin):
    receiver = Receiver()
    standin.set_webhook(url=receiver.url)
    yield receiver
    standin.set_webhook(url="")
    receiver.stop()


@pytest.fixture
def client(standin):
    return stripe.StripeClient(standin.api_key, base_addresses={"api": standin.url}, max_network_retries=0)


@pytest.fixture
def api(client):
    return client.v1


@pytest.fixture
def http_call(standin):
    """A bare HTTP call: returns status, headers and text."""

    def call(method, path, *, body=None, **headers):
        connection = http.client.HTTPConnection(urlsplit(standin.url).netloc, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    return call


@pytest.fixture
def in_thread():
    """Run a function in a thread; the returned function waits for its result."""
    threads = []

    def run(function, *args, **kwargs):
        result = []
        thread = threading.Thread(target=lambda: result.append(function(*args, **kwargs)))
        thread.start()
        threads.append(thread)

        def wait():
            thread.join(20)
            return result[0]

        return wait

    yield run
    for thread in threads:
        thread.join(20)


@pytest.fixture
def until():
    """Wait until a condition holds; fails after 10 seconds."""

    def wait(condition):
        deadline, pause = time.monotonic() + 10, threading.Event()
        while not condition():
            assert time.monotonic() < deadline, "The condition did not come true."
            pause.wait(0.01)

    return wait
