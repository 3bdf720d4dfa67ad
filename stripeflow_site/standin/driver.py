"""Drives a stand-in from tests, the demo and benchmarks; standard library only.

with Standin.start(ledger=path, webhook_url=url) as standin:
    paid = standin.payment(200_001, "usd", customer=standin.create_customer()["id"])
    standin.wait_for_deliveries()
"""

import http.client
import json
import queue
import secrets
import subprocess  # noqa: S404
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Self, cast
from urllib.parse import urlencode, urlsplit

from stripeflow_site.standin import DEFAULT_API_KEY

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 10.0

Document = dict[str, Any]


class StandinError(RuntimeError):
    """The stand-in did not start, or refused a control call; says why."""


class Standin:
    """A stand-in that runs: at `url`, opened by `api_key`, signing with `webhook_secret`."""

    def __init__(
        self, url: str, *, api_key: str = DEFAULT_API_KEY, webhook_secret: str = "", timeout: float = 150.0
    ) -> None:
        self.url = url.rstrip("/")
        self.api_key = api_key
        self.webhook_secret = webhook_secret
        self._timeout = timeout
        self._process: subprocess.Popen[str] | None = None

    @classmethod
    def start(
        cls,
        *,
        ledger: Path | str,
        port: int = 0,
        webhook_url: str = "",
        webhook_secret: str = "",
        api_key: str = DEFAULT_API_KEY,
        options: Iterable[str] = (),
    ) -> Self:
        """Start one as a subprocess and wait until it listens; `options` are further arguments.

        Raises StandinError if it does not come up.
        """
        secret = webhook_secret or f"whsec_{secrets.token_hex(16)}"
        command = [sys.executable, "-m", "stripeflow_site.standin", f"--ledger={Path(ledger).absolute()}"]
        command += [f"--port={port}", f"--webhook-url={webhook_url}", f"--webhook-secret={secret}"]
        command += [f"--api-key={api_key}", *options]
        # In a session of its own: Ctrl-C in the terminal reaches its starter alone, which ends it.
        process = subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True, umask=0o077
        )
        standin = cls(_ready(process), api_key=api_key, webhook_secret=secret)
        standin._process = process
        return standin

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process id, if this driver started it."""
        return self._process.pid if self._process else None

    def stop(self) -> int | None:
        """End the process that `start()` began (SIGTERM); returns its exit status."""
        if self._process is None:
            return None
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            if self._process.stdout:
                self._process.stdout.close()

    def health(self) -> Document:
        """That it lives, and how it is set up."""
        return self._get("health")

    def set_webhook(self, **settings: Any) -> Document:  # noqa: ANN401
        """Change where and how events go: url, secret or secrets, enabled_events, api_events, …"""
        if "secret" in settings:
            self.webhook_secret = settings["secret"]
        return self._post("webhook", **settings)

    def create_customer(self, **fields: Any) -> Document:  # noqa: ANN401
        """Make a customer; returns it."""
        return self._post("customers", **fields)

    def payment(
        self,
        amount: int,
        currency: str = "usd",
        *,
        customer: str | None = None,
        **fields: Any,  # noqa: ANN401
    ) -> Document:
        """Take a payment of `amount` minor units; a guest's without a customer, "new" makes one.

        Returns `payment_intent`, `charge` and the `event` payment_intent.succeeded.
        """
        return self._post("payments", amount=amount, currency=currency, customer=customer, **fields)

    def fraud_warning(self, charge: str, **fields: Any) -> Document:  # noqa: ANN401
        """Make an early fraud warning; returns `early_fraud_warning` and its `event`."""
        return self._post("fraud-warnings", charge=charge, **fields)

    def make(self, kind: str, **fields: Any) -> Document:  # noqa: ANN401
        """Make an object of a kind, such as "invoice", without an event; returns it."""
        return self._post("objects", kind=kind, **fields)

    def event(self, type: str, object: Document, **fields: Any) -> Document:  # noqa: ANN401
        """Make and deliver an event of any type with that object; returns it."""
        return self._post("events", type=type, object=object, **fields)

    def thin_event(self, type: str, object: Document, **fields: Any) -> Document:  # noqa: ANN401
        """Keep that object, make a thin event about it and deliver its notification; returns the event."""
        return self._post("thin-events", type=type, object=object, **fields)

    def events(self, type: str | None = None) -> list[Document]:
        """All events, oldest first, or those of one type."""
        return self._get("events", type=type)

    def object(self, id: str, *, account: str = "") -> Document:
        """Any object as it is now."""
        return self._get("object", id=id, account=account)

    def deliver(self, event_id: str, times: int = 1, *, wait: float = 30.0, **sending: Any) -> list[Document]:  # noqa: ANN401
        """Deliver an event (again), signed afresh, in concurrent copies; returns the deliveries.

        Waits up to `wait` seconds until they have settled; raises StandinError if that was too short.
        """
        answer = self._post("deliver", event=event_id, times=times, wait=wait, **sending)
        if wait and not answer["settled"]:
            raise StandinError(f"The deliveries of {event_id} had not settled after {wait} seconds.")
        return answer["deliveries"]

    def deliveries(self, event_id: str | None = None) -> list[Document]:
        """The delivery log, oldest first."""
        return self._get("deliveries", event=event_id)["deliveries"]

    def wait_for_deliveries(self, timeout: float = 30.0) -> list[Document]:
        """Wait until nothing is pending; returns the log. Raises StandinError after `timeout` seconds."""
        answer = self._get("deliveries", wait=timeout)
        if not answer["settled"]:
            raise StandinError(f"Deliveries were still pending after {timeout} seconds.")
        return answer["deliveries"]

    def ledger(self, kind: str | None = None, *, after: int = 0) -> list[Document]:
        """The ledger's lines since the last reset."""
        return self._get("ledger", kind=kind, after=after)

    def effects(self, name: str | None = None) -> list[Document]:
        """The ledger's effects, or those of one name (`refund.created`)."""
        return [entry for entry in self.ledger("effect") if name in (None, entry["effect"])]

    def requests(self, *, method: str | None = None, path: str = "") -> list[Document]:
        """The API requests seen, of a method and a path prefix."""
        return [
            entry
            for entry in self.ledger("request")
            if method in (None, entry["method"]) and entry["path"].startswith(path)
        ]

    def faults(self, kind: str, **fault: Any) -> Document:  # noqa: ANN401
        """Switch a fault on; returns it with its id."""
        return self._post("faults", kind=kind, **fault)

    def clear_faults(self, id: int | None = None) -> int:
        """Switch one fault off, or all; returns how many."""
        return self._post("faults/clear", id=id)["cleared"]

    def active_faults(self) -> list[Document]:
        """The faults that are still on."""
        return self._get("faults")

    def advance_clock(self, seconds: float) -> float:
        """Move the stand-in's clock on; returns its time."""
        return self._post("clock", advance=seconds)["now"]

    def reset_clock(self) -> float:
        """Set the stand-in's clock back to real time; returns its time."""
        return self._post("clock", reset=True)["now"]

    def reset(self) -> None:
        """Forget objects, events, keys, faults and the clock's offset."""
        self._post("reset")

    def _get(self, name: str, /, **query: Any) -> Any:  # noqa: ANN401
        given = {key: value for key, value in query.items() if value is not None}
        return self._call("GET", f"/_control/{name}?{urlencode(given)}")

    def _post(self, name: str, /, **document: Any) -> Any:  # noqa: ANN401
        return self._call("POST", f"/_control/{name}", json.dumps(document))

    def _call(self, method: str, target: str, body: str | None = None) -> Any:  # noqa: ANN401
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=self._timeout)
        try:
            connection.request(method, target, body=body, headers={"Content-Type": "application/json"})
            answer = connection.getresponse()
            value = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise StandinError(value["error"])
        return value


def _ready(process: subprocess.Popen[str]) -> str:
    """The URL of the line that says it is ready."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    reader = threading.Thread(target=lambda: lines.put(cast(IO[str], process.stdout).readline()), daemon=True)
    reader.start()
    try:
        line = lines.get(timeout=START_SECONDS)
    except queue.Empty:
        line = ""
    if line.startswith("ready "):
        return line.split()[1]
    process.kill()
    process.wait()
    reader.join()
    cast(IO[str], process.stdout).close()
    raise StandinError("The stand-in did not start; its own words are on the standard error stream.")
