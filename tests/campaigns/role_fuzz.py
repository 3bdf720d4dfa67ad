"""`make fuzz-roles`: any request to any address by each role; prints the seed and, last, a verdict.

Nothing may be answered with 5xx; no row may be changed beyond the role's rights; money moves, and
customers change, for nobody who may not have that; and no answer and no line of the log tells a value of an
event to people who may not see it.
"""

import argparse
import logging
import multiprocessing
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaigns import backends

REQUESTS = 10_000
# After so many the database is again as it was, so that there is always something to be set off.
ROUND = 250
SHOWN_FAULTS = 30
# Rounds within which a planted fault has to be found: as many as the whole campaign has of each role.
PATIENCE = 40


@dataclass
class Found:
    """What came of one round, or of all rounds of a role."""

    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: "Found") -> None:
        self.statuses += other.statuses
        self.faults += other.faults
        self.seconds += other.seconds


class Campaign:
    """A database that is built once, and rounds that each take a copy of it."""

    def __init__(self, seed: int, folder: Path, database: str) -> None:
        from tests.campaigns.role_databases import copies

        self._seed = seed
        self._copies = copies[database](folder)

    def build(self) -> None:
        """Make the tables and what is in them. From here on the database is only copied."""
        from django.conf import settings
        from django.core.management import call_command

        from tests.campaigns import role_requests, role_world

        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        call_command("migrate", "--run-syncdb", "--verbosity=0")
        self.stage = role_world.build(settings)
        self.maker = role_requests.Maker(self.stage)
        self.maker.reap()
        self.permissions = role_world.roles_with_permissions()
        self._copies.keep()

    def round(self, role: str, number: int, count: int, near: str = "") -> Found:
        """`count` requests of `role`, on a copy of the database; half of them to addresses with `near`."""
        from tests.campaigns import role_round

        self._copies.take()
        rng = random.Random(f"{self._seed}/{role}/{number}")
        requests = (self.maker.make(rng, near) for _ in range(count))
        began = time.monotonic()
        statuses, faults = role_round.judge(self.stage, role, self.permissions[role], requests)
        named = [f"{role}, round {number}: {fault}" for fault in faults]
        return Found(statuses, named, time.monotonic() - began)


_campaign: Campaign


def _one_round(job: tuple[str, int, int]) -> tuple[str, Found]:
    return job[0], _campaign.round(*job)


def rounds(keys: Sequence[str], requests: int) -> Iterator[tuple[str, int, int]]:
    """(role, number, requests) of each round, the roles in turn."""
    for number, start in enumerate(range(0, requests, ROUND)):
        for role in keys:
            yield role, number, min(ROUND, requests - start)


def run(campaign: Campaign, jobs: Sequence[tuple[str, int, int]], processes: int) -> dict[str, Found]:
    """All of the rounds, on so many processes; what was found, by role."""
    global _campaign
    _campaign = campaign
    found: dict[str, Found] = {}
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for role, one in pool.imap_unordered(_one_round, jobs):
            found.setdefault(role, Found()).add(one)
    return found


def prove(campaign: Campaign) -> Iterator[str]:
    """Plant each fault, and say which the campaign did not find."""
    from tests.campaigns.role_plants import PLANTS

    for plant in PLANTS:
        with plant.planted():
            faults = (
                fault
                for number in range(PATIENCE)
                for fault in campaign.round(plant.role, number, ROUND, plant.near).faults
            )
            hit = next((fault for fault in faults if plant.told in fault), "")
        print(f"  planted: {plant.name}; found: {hit[:160] or 'nothing'}")
        if not hit:
            yield f"{plant.name} was not found"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    count = max(1, round(options.requests * options.share))
    print(f"seed {seed}, {options.database}, {count} requests of each role", flush=True)
    folder = backends.new_folder("roles", within=backends.in_memory())
    try:
        with backends.running(options.database, "orm", folder) as below:
            _set_up(folder, below.database_url)
            campaign = Campaign(seed, folder, options.database)
            campaign.build()
            if options.prove:
                faults = list(prove(campaign))
            else:
                faults = _fire(campaign, options.role, count, options.processes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for fault in faults[:SHOWN_FAULTS]:
        print(f"  BROKEN  {fault}")
    fine = "each planted fault was found." if options.prove else "no role went beyond its rights."
    print(f"VERDICT: {len(faults)} faults." if faults else f"VERDICT: {fine}")
    return bool(faults)


def _fire(campaign: Campaign, only: str | None, count: int, processes: int) -> list[str]:
    keys = [only] if only else list(campaign.permissions)
    faults = []
    for role, found in run(campaign, list(rounds(keys, count)), processes).items():
        listed = ", ".join(f"{number} {status}" for status, number in sorted(found.statuses.items()))
        print(f"  {role:16}{found.statuses.total()} in {found.seconds:.0f} s: {listed}")
        faults += found.faults
    return faults


def _set_up(folder: Path, database_url: str) -> None:
    """Set Django up on this database, with nothing of the installation that may lie beside it."""
    (folder / "static").mkdir()
    os.environ.update(
        DJANGO_SETTINGS_MODULE="tests.campaigns.settings",
        STRIPEFLOW_ENV_FILE="",
        STRIPEFLOW_VAR_DIR=str(folder / "var"),
        DATABASE_URL=database_url,
        STATIC_ROOT=str(folder / "static"),
        LOG_LEVEL="INFO",
    )
    import django

    django.setup()
    # What every wrong request would have logged is judged, and not printed.
    logging.getLogger().handlers[:] = [logging.NullHandler()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.role_fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="of each role")
    parser.add_argument("--share", type=float, default=1.0, help="of that number, such as 0.1")
    parser.add_argument("--role", help="this one only")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--prove", action="store_true", help="plant faults, and see that they are found")
    parser.add_argument("--database", choices=backends.DATABASES, default="sqlite")
    return parser


if __name__ == "__main__":
    sys.exit(main())
