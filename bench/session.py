"""One stack under measure, inside a process of its own: `python -m bench.session` (started by `bench`)."""

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from bench import storage
from bench.figures import Figure

MEASURES = (
    "acknowledge",
    "runs",
    "slow",
    "latency",
    "memory",
    "matching",
    "awaiting",
    "schedules",
    "pages",
    "growth",
    "journal",
)


class Mismatch(AssertionError):
    """A count is not what it must be, so a figure would not mean what it says."""


class Session:
    """What the measures share: the stack's name, sizes, and the counts that were checked.

    `rows` is the largest number of old rows, where they are measured at several numbers.
    """

    def __init__(self, stack: str, *, quick: bool, rounds: int, rows: int, seed: int) -> None:
        self.stack = stack
        self.quick = quick
        self.rows = rows
        self.rounds = 1 if quick else rounds
        self.folder = Path(os.environ["STRIPEFLOW_VAR_DIR"])
        self.checked: list[dict[str, object]] = []
        self._random = random.Random(seed)

    def size(self, *, quick: int, full: int) -> int:
        return quick if self.quick else full

    def shuffled(self, names: Iterable[str]) -> list[str]:
        """The names in another order each time, so that none is always first."""
        order = list(names)
        self._random.shuffle(order)
        return order

    def check(self, what: str, count: int, expected: int) -> None:
        """Note a count. Raises `Mismatch` unless it is as expected."""
        self.checked.append({"what": what, "count": count, "expected": expected})
        if count != expected:
            raise Mismatch(f"{what}: {count}, not {expected}")


def end_cleanly() -> None:
    """Let SIGTERM unwind, so that every process that was started is ended too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def main() -> None:
    end_cleanly()
    parser = argparse.ArgumentParser()
    parser.add_argument("stack")
    parser.add_argument("result", type=Path)
    parser.add_argument("names", nargs="+", choices=MEASURES)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    _prepare(options.seed)
    sizes = {"quick": options.quick, "rounds": options.rounds, "rows": options.rows}
    session = Session(options.stack, **sizes, seed=options.seed)
    figures: list[Figure] = []
    seconds: dict[str, float] = {}
    for name in options.names:
        print(f"  {options.stack}: {name}", file=sys.stderr, flush=True)
        began = time.monotonic()
        figures += import_module(f"bench.measures.{name}").measure(session)
        seconds[name] = round(time.monotonic() - began, 1)
        print(f"  {options.stack}: {name} took {seconds[name]:.0f} s", file=sys.stderr, flush=True)
        found = {
            "figures": [figure.to_json() for figure in figures],
            "checked": session.checked,
            "took": seconds,
            "database": storage.database(),
            "file_system": storage.file_system(session.folder),
        }
        options.result.write_text(json.dumps(found))


def _prepare(seed: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from bench import data
    from stripeflow.triggers import endpoints

    call_command("migrate", run_syncdb=True, verbosity=0)
    data.seed(seed)
    for name, uuid in (("we_bench", data.ENDPOINT), ("we_stock", data.STOCK_ENDPOINT)):
        endpoints.register(
            name, base_url="http://127.0.0.1", secret=data.SECRET, uuid=uuid, account_id=data.ACCOUNT
        )
    _prepare_stock()


def _prepare_stock() -> None:
    """dj-stripe's own webhook reads secret and key from its rows; ours keeps neither of them there."""
    from django.conf import settings
    from djstripe.models import Account, APIKey, WebhookEndpoint

    from bench import data

    WebhookEndpoint.objects.filter(id="we_stock").update(secret=data.SECRET)
    APIKey.objects.create(
        type="secret",
        secret=settings.STRIPE_TEST_SECRET_KEY,
        livemode=False,
        djstripe_owner_account=Account.objects.get(id=data.ACCOUNT),
    )


if __name__ == "__main__":
    main()
