"""`make fuzz`: hostile webhook bodies against a live web server; prints the seed and, last, a verdict.

Nothing may be answered with 5xx or not at all; what is not signed leaves no row; of what is signed, each
200 has its one row, and nothing else has.
"""

import argparse
import http.client
import json
import random
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from stripeflow_site.local.ending import Interrupted, raise_on_signals
from stripeflow_site.local.installation import Plan
from tests.campaigns import backends, cases, hostile
from tests.campaigns.estate import Estate
from tests.campaigns.hostile import Shot

UNSIGNED, SIGNED = 100_000, 20_000
SENDERS = 8
HANGS_AFTER_SECONDS = 30.0
SHOWN_FAULTS = 20

Maker = Callable[[random.Random, int, str], Shot]


@dataclass
class Answers:
    """What came back. `accepted` are the ids that were answered with 200, one for each 200."""

    statuses: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def total(self) -> int:
        return self.statuses.total()


class Volley:
    """Sends `count` shots of one kind from eight threads, each shot made from the seed and its number."""

    def __init__(self, url: str, secret: str, *, make: Maker, count: int, seed: str) -> None:
        self._target = urlsplit(url)
        self._secret = secret
        self._make = make
        self._seed = seed
        self._numbers = iter(range(count))
        self._lock = threading.Lock()
        self.answers = Answers()

    def fire(self) -> Answers:
        """Send all of them; returns once the last one is answered."""
        began = time.monotonic()
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.answers.seconds = time.monotonic() - began
        return self.answers

    def shot(self, number: int) -> Shot:
        """The shot of that number, the same each time but for what depends on the clock."""
        return self._make(random.Random(f"{self._seed}/{number}"), number, self._secret)

    def _work(self) -> None:
        connection = self._connect()
        for number in self._taken():
            shot = self.shot(number)
            try:
                status, body = self._send_twice(connection, shot)
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self._note_broken(number, shot, error)
            else:
                self._note(number, status, body)
        connection.close()

    def _taken(self) -> Iterator[int]:
        while True:
            with self._lock:
                number = next(self._numbers, None)
            if number is None:
                return
            yield number

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._target.netloc, timeout=HANGS_AFTER_SECONDS)

    def _send_twice(self, connection: http.client.HTTPConnection, shot: Shot) -> tuple[int, bytes]:
        """Send it, and again if the server has ended a kept connection meanwhile, as it may."""
        was_kept = connection.sock is not None
        try:
            return self._send(connection, shot)
        except (ConnectionError, http.client.RemoteDisconnected):
            connection.close()
            if not was_kept:
                raise
            return self._send(connection, shot)

    def _send(self, connection: http.client.HTTPConnection, shot: Shot) -> tuple[int, bytes]:
        connection.request("POST", self._target.path, body=shot.body, headers=shot.headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def _note(self, number: int, status: int, body: bytes) -> None:
        with self._lock:
            self.answers.statuses[str(status)] += 1
            if status == 200:
                self.answers.accepted.append(_event_in(body))
            elif status >= 500:
                self.answers.faults.append(f"number {number} was answered with {status}")

    def _note_broken(self, number: int, shot: Shot, error: Exception) -> None:
        # A server may hang up on a body that is longer than it takes.
        is_fine = len(shot.body) > hostile.LIMIT and not isinstance(error, TimeoutError)
        with self._lock:
            self.answers.statuses["hung up" if is_fine else "no answer"] += 1
            if not is_fine:
                self.answers.faults.append(f"number {number} had no answer: {error!r}")


def _event_in(body: bytes) -> str:
    return json.loads(body)["event"]


def run(
    unsigned: int, signed: int, seed: int, database: str, folder: Path
) -> tuple[Answers, Answers, list[str]]:
    """Fire both volleys at a fresh installation; returns their answers, and what is wrong."""
    with backends.running(database, "orm", folder) as below:
        plan = Plan(folder, below.database_url, settings="tests.campaigns.settings")
        with Estate(plan) as estate:
            estate.build()
            from stripeflow.workflows.operations import lifecycle

            # Whatever is accepted is compared with conditions as well.
            for document in cases.documents():
                lifecycle.activate(lifecycle.create(document))
            estate.start_web()
            of_strangers = _fire(estate, hostile.unsigned, unsigned, f"{seed}/unsigned")
            faults = [f"unsigned: {fault}" for fault in of_strangers.faults]
            faults += [f"unsigned: {name}" for name in _rows_of_strangers(of_strangers)]
            of_stripe = _fire(estate, hostile.signed, signed, f"{seed}/signed")
            faults += [f"signed: {fault}" for fault in of_stripe.faults]
            faults += [f"signed: {fault}" for fault in differences(of_stripe.accepted, _stored())]
            return of_strangers, of_stripe, faults


def _fire(estate: Estate, make: Maker, count: int, seed: str) -> Answers:
    return Volley(estate.webhook_url, estate.webhook_secret, make=make, count=count, seed=seed).fire()


def _rows_of_strangers(answers: Answers) -> Iterator[str]:
    from djstripe.models import Event as MirroredEvent
    from djstripe.models import WebhookEventTrigger

    from stripeflow.triggers.models import Event

    for model in (Event, MirroredEvent, WebhookEventTrigger):
        if count := model.objects.count():
            yield f"{count} rows of {model._meta.label}"
    if answers.accepted:
        yield f"{len(answers.accepted)} were answered with 200"


def _stored() -> list[tuple[str, str]]:
    from stripeflow.triggers.models import Event

    rows = Event.objects.values_list("external_id", "account", "livemode")
    return [(event_id, f"{account}, {'live' if live else 'test'}") for event_id, account, live in rows]


def differences(accepted: Sequence[str], stored: Sequence[tuple[str, str]]) -> list[str]:
    """What is wrong with the stored events, if these ids were answered with 200 (copies several times).

    Each row is its id and whose it is: one id of two accounts, or of both modes, is two events.
    """
    taken, rows = Counter(accepted), {event_id for event_id, _whose in stored}
    found = [f"{event_id} was answered with 200, and is not stored" for event_id in set(accepted) - rows]
    found += [
        f"{event_id} ({whose}) is stored {count} times"
        for (event_id, whose), count in Counter(stored).items()
        if count > (taken[event_id] if _is_shared(event_id) else 1)
    ]
    found += [f"{event_id} is stored, and was not acknowledged" for event_id in rows - set(accepted)]
    return sorted(found)


def _is_shared(event_id: str) -> bool:
    """Whether it is the id of several events: that of the Dashboard's test webhooks, or none at all."""
    return event_id.strip("0") in ("", "evt_")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    counts = [max(1, round(count * options.share)) for count in (options.unsigned, options.signed)]
    print(f"seed {seed}, {options.database}, {counts[0]} unsigned, {counts[1]} signed", flush=True)
    folder = backends.new_folder("fuzz", within=backends.in_memory())
    raise_on_signals()
    try:
        *volleys, faults = run(*counts, seed, options.database, folder)
    except Interrupted as end:
        shutil.rmtree(folder, ignore_errors=True)
        return end.status
    for name, answers in zip(("unsigned", "signed"), volleys, strict=True):
        listed = ", ".join(f"{count} {status}" for status, count in sorted(answers.statuses.items()))
        print(f"  {name:10}{answers.total} in {answers.seconds:.0f} s ({_rate(answers):.0f}/s): {listed}")
    for fault in faults[:SHOWN_FAULTS]:
        print(f"  BROKEN  {fault}")
    if faults:
        print(f"  logs and database are left in {folder}")
    else:
        shutil.rmtree(folder)
    print(f"VERDICT: {len(faults)} faults." if faults else "VERDICT: nothing hostile came through.")
    return bool(faults)


def _rate(answers: Answers) -> float:
    return answers.total / max(answers.seconds, 0.001)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.fuzz", description=__doc__)
    parser.add_argument("--unsigned", type=int, default=UNSIGNED)
    parser.add_argument("--signed", type=int, default=SIGNED)
    parser.add_argument("--share", type=float, default=1.0, help="of both numbers, such as 0.1")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--database", choices=backends.DATABASES, default="sqlite")
    return parser


if __name__ == "__main__":
    sys.exit(main())
