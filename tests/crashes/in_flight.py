"""Run by test_in_flight.py in a process of its own: ends a real cluster with 16 calls under way, or more.

`python -m tests.crashes.in_flight`, on the empty database of DATABASE_URL, with the settings
`tests.crashes.held.settings`. Every process of `manage.py stripeflow_worker` gets SIGTERM, as from an init
system, and the worker is started again; then the same with SIGKILL and further runs. Prints one line of JSON:
for each signal what the database and the outside say before the next start, and once all is done.
"""

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.models import Model  # noqa: E402
from django.utils import timezone  # noqa: E402

from stripeflow.triggers import inbox  # noqa: E402
from stripeflow.workflows.models import Run, StepRun  # noqa: E402
from stripeflow.workflows.operations import lifecycle  # noqa: E402
from stripeflow.workflows.states import RunStatus  # noqa: E402
from stripeflow_site.local.processes import Process, descendants, wait_until  # noqa: E402
from tests.crashes.held.stripeflow_actions import folder, gate  # noqa: E402
from tests.workflows.documents import action, document  # noqa: E402
from tests.workflows.events import payment  # noqa: E402

ROOT = Path(__file__).parents[2]
POLICIES = ("keyed", "safe", "ask")
EVENTS = 10
AT_ONCE = 16
SECONDS = 90.0

Rows = list[dict[str, Any]]


def make_workflows() -> None:
    """One workflow for each repeat policy, with a second step that nothing recognizes."""
    for policy in POLICIES:
        first, second = action("hold", f"held.{policy}", text="a"), action("next", "held.ask", text="b")
        lifecycle.activate(lifecycle.create(document(first, second, name=policy)))


def deliver(name: str) -> None:
    """Start more runs than are worked on at once."""
    for number in range(EVENTS):
        body = {
            "id": f"evt_{name}_{number}",
            "object": "event",
            "type": "payment_intent.succeeded",
            "created": int(time.time()),
            "livemode": False,
            "data": {"object": payment(id=f"pi_{name}_{number}")},
            "request": {"id": None, "idempotency_key": None},
        }
        inbox.accept_stripe(body, mirror=False)


@contextmanager
def worker(name: str) -> Iterator[Process]:
    """`manage.py stripeflow_worker`; all of its processes are gone at the end."""
    command = [sys.executable, "manage.py", "stripeflow_worker"]
    log = folder() / f"{name}.log"
    process = Process(name, command, environment=os.environ, folder=ROOT, log=log)
    try:
        yield process
    finally:
        process.stop()


def calls() -> Rows:
    """What happened outside, in its order."""
    with suppress(FileNotFoundError):
        return [json.loads(line) for line in (folder() / "calls").read_text().splitlines()]
    return []


def is_busy() -> bool:
    """Whether so many calls are under way, and wait for the gate."""
    found = Counter(call["what"] for call in calls())
    return found["begun"] - found["ended"] >= AT_ONCE


def end_all(process: Process, number: signal.Signals) -> None:
    """Send every process the signal at once, and wait until none is left."""
    family = [process.pid, *descendants(process.pid)]
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    wait_until(lambda: process.has_ended() and not _alive(family), what="The end of all", seconds=SECONDS)


def _alive(pids: list[int]) -> list[int]:
    """Those that still run; one that ended and that nobody has waited for does not."""
    found = []
    for pid in pids:
        with suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append(pid)
    return found


def rows_of(model: type[Model], *columns: str) -> Rows:
    return [{name: str(value) for name, value in row.items()} for row in model.objects.values(*columns)]


def evidence() -> dict[str, Rows]:
    return {
        "runs": rows_of(Run, "id", "workflow__name", "event__external_id", "status"),
        "steps": rows_of(StepRun, "run_id", "path", "status", "idempotency_key"),
        "calls": calls(),
    }


def leases_end() -> None:
    """Nobody waits for the leases of processes that are gone."""
    past = timezone.now() - timedelta(minutes=1)
    Run.objects.filter(status=RunStatus.RUNNING).update(lease_expires_at=past)
    Run.objects.exclude(rung_at=None).update(rung_at=past)


def is_settled() -> bool:
    found = Counter(Run.objects.values_list("status", flat=True))
    return all(RunStatus(status).is_final or status == RunStatus.OUTCOME_UNKNOWN for status in found)


def interrupt(process: Process, name: str) -> dict[str, Rows]:
    """Start runs, and end the worker in their midst; returns what that leaves behind."""
    gate().unlink(missing_ok=True)
    deliver(name)
    wait_until(is_busy, what="So many calls at once", seconds=SECONDS, alive=[process])
    end_all(process, signal.Signals[name])
    left = evidence()
    gate().touch()
    leases_end()
    return left


def settle(process: Process) -> dict[str, Rows]:
    wait_until(is_settled, what="The end of all runs", seconds=SECONDS, alive=[process])
    return evidence()


def main() -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    make_workflows()
    found = {}
    with worker("first") as process:
        found["asked"] = interrupt(process, "SIGTERM")
    with worker("second") as process:
        found["after asking"] = settle(process)
        found["killed"] = interrupt(process, "SIGKILL")
    with worker("third") as process:
        found["after killing"] = settle(process)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    assert settings.STRIPEFLOW["CONCURRENCY"] == AT_ONCE
    main()
