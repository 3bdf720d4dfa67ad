"""Run by test_deliveries.py in a process of its own: posts to the webhook, on a database of its own.

Its settings are tests.settings_nomigrations, its database an empty one. Prints one line of JSON.
"""

import json
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Semaphore
from unittest import mock

import django

django.setup()

from django.contrib.auth.models import Group  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from djstripe.models import WebhookEndpoint  # noqa: E402

from stripeflow.triggers import inbox, storing  # noqa: E402
from stripeflow.triggers.models import Event  # noqa: E402
from stripeflow.triggers.views import webhook  # noqa: E402
from tests.triggers.hostile import HOSTILE_TEXT, STRANGE_BUT_VALID  # noqa: E402
from tests.triggers.stripe_events import SECRET, as_json, charge_event, signed  # noqa: E402

THREADS = 12
EVENTS = 5
# Made once: a body made in the next second would be that of another event.
BODIES = [as_json(charge_event(id=f"evt_{number}")) for number in range(EVENTS)]


def handle(event: Event) -> None:
    """An effect in the database: its number of rows is how often it happened."""
    Group.objects.create(name=f"{event.external_id}-{Group.objects.count()}-{id(event)}")


def post(body: str, *, uuid: str) -> int:
    headers = {"Stripe-Signature": signed(body)}
    request = RequestFactory().post("/", body, content_type="application/json", headers=headers)
    return webhook(request, uuid=uuid).status_code


def deliver(barrier: Barrier, uuid: str) -> list[int]:
    barrier.wait()
    statuses = [post(body, uuid=uuid) for body in BODIES]
    connections.close_all()
    return statuses


def sweep(barrier: Barrier) -> list[int]:
    barrier.wait()
    for _round in range(EVENTS):
        inbox.sweep()
    connections.close_all()
    return []


def fail_first(event: Event) -> None:
    Group.objects.create(name="undone")
    raise ValueError("The first match fails.")


def run_all(tasks: list) -> list[int]:
    with ThreadPoolExecutor(len(tasks)) as pool:
        return [status for future in [pool.submit(*task) for task in tasks] for status in future.result()]


def at_once(uuid: str, handler: inbox.Handler) -> dict:
    """Deliver everything at once, then sweep at once, and count."""
    with inbox.temporary_handler(handler):
        barrier = Barrier(THREADS)
        statuses = run_all([(deliver, barrier, uuid)] * THREADS)
    unmatched = Event.objects.unmatched().count()
    with inbox.temporary_handler(handle):
        barrier = Barrier(THREADS)
        run_all([(sweep, barrier)] * THREADS)
    return {
        "statuses": Counter(statuses),
        "events": Event.objects.count(),
        "unmatched_before_sweep": unmatched,
        "unmatched": Event.objects.unmatched().count(),
        "handled": sorted(name.split("-")[0] for name in Group.objects.values_list("name", flat=True)),
    }


def hostile(uuid: str) -> dict:
    """Deliver signed bodies that a database might choke on."""
    refused = [post(body, uuid=uuid) for body in HOSTILE_TEXT.values()]
    rows = Event.objects.count()
    bodies = [body.replace("evt_1", f"evt_{n}") for n, body in enumerate(STRANGE_BUT_VALID.values())]
    taken = [post(body, uuid=uuid) for body in bodies]
    kept = list(Event.objects.order_by("pk").values_list("raw_body", flat=True))
    return {
        "refused": Counter(refused),
        "rows": rows,
        "taken": Counter(taken),
        "kept": kept == bodies,
    }


class Batch:
    """Holds the first delivery until so many others have come, so that these are stored together."""

    def __init__(self, others: int) -> None:
        self.others = others
        self.came = Semaphore(0)
        self.is_held = threading.Event()
        self._joined = storing._stored._joined

    def join(self, event: Event) -> object:
        member = self._joined(event)
        self.came.release()
        return member

    def handle(self, event: Event) -> None:
        self.hold(event)
        if event.external_id == "evt_failing":
            raise ValueError("It cannot be matched.")

    def decide(self, events: list[Event]) -> inbox.Decided:
        for event in events:
            self.hold(event)
            if event.external_id == "evt_bad":
                event.account = None  # which no database takes
        rows = [None if event.external_id == "evt_failing" else [] for event in events]
        return inbox.Decided(rows, lambda _rows: None)

    def hold(self, event: Event) -> None:
        if event.external_id == "evt_held" and not self.is_held.is_set():
            self.is_held.set()
            for _number in range(self.others + 1):
                assert self.came.acquire(timeout=60)


def post_here(body: str, uuid: str) -> int:
    try:
        return post(body, uuid=uuid)
    except Event.DoesNotExist:
        return 500
    finally:
        connections.close_all()


def together(uuid: str, *names: str) -> dict:
    """Deliver these events, one thread for each, while another one is being stored."""
    bodies = [as_json(charge_event(id=name)) for name in ("evt_held", *names)]
    batch = Batch(len(names))
    with (
        inbox.temporary_handler(batch.handle, batch.decide),
        mock.patch.object(storing._stored, "_joined", batch.join),
        mock.patch.object(storing, "insert_all_together", wraps=storing.insert_all_together) as insert,
        ThreadPoolExecutor(len(bodies)) as pool,
    ):
        futures = [pool.submit(post_here, bodies[0], uuid)]
        assert batch.is_held.wait(60)
        futures += [pool.submit(post_here, body, uuid) for body in bodies[1:]]
        statuses = [future.result() for future in futures]
    return {
        "statuses": dict(zip(("evt_held", *names), statuses, strict=True)),
        "stored": sorted(Event.objects.values_list("external_id", flat=True)),
        "duplicates": sum(Event.objects.values_list("duplicates", flat=True)),
        "unmatched": list(Event.objects.unmatched().values_list("external_id", flat=True)),
        "together": [len(call.args[0]) for call in insert.call_args_list],
        "transactions": transactions(),
    }


def transactions() -> int | None:
    """How many transactions stored the events; None where the database does not know."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT xmin::text) FROM stripeflow_triggers_event WHERE duplicates = 0"
        )
        return int(cursor.fetchone()[0])


def main() -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    endpoint = WebhookEndpoint.objects.create(
        id="we_1", secret=SECRET, url="https://x.example", enabled_events=["*"], status="enabled"
    )
    runs = {
        "handling": lambda uuid: at_once(uuid, handle),
        "failing": lambda uuid: at_once(uuid, fail_first),
        "hostile": hostile,
        "together": lambda uuid: together(uuid, *sys.argv[2:]),
    }
    print(json.dumps(runs[sys.argv[1]](endpoint.djstripe_uuid)))


if __name__ == "__main__":
    main()
