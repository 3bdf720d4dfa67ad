"""`make chaos`: events from eight senders while everything is killed, and then: what came of it?

Prints the seed, a table and, as its last line, a verdict; ends with 1 if an invariant is broken.
"""

import argparse
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stripeflow_site.local.ending import Interrupted, raise_on_signals
from stripeflow_site.local.installation import Plan
from stripeflow_site.local.processes import wait_until
from tests.campaigns import backends, block_workflows, cases, victims
from tests.campaigns.estate import Estate, Supervisor
from tests.campaigns.invariants import Evidence, Fault, faults_in
from tests.campaigns.people import Deciders, Starters
from tests.campaigns.senders import Senders
from tests.campaigns.troubles import Kills, Restarts, StripeFaults, Trouble
from tests.flows.installation import next_second

# How soon after the last fault everything has to be done: at least, and for each event. The longer a campaign
# is, the more has come that nobody could work off while processes died.
SETTLE_SECONDS = 120.0
SETTLE_SECONDS_AN_EVENT = 0.06
# What a safeguard that is switched off leaves open may stay so for ever.
SETTLE_WITHOUT_SECONDS = 40.0
SHOWN_FAULTS = 20
# What can be switched off, to see that it is missed: see `weakened`.
SAFEGUARDS = {"keys": "the idempotency keys", "lease": "the lease", "unique": "the unique constraints"}


@dataclass(frozen=True)
class Setup:
    """The size of one campaign. `pause` is the mean time between two kills, in seconds."""

    events: int
    kills: int
    restarts: int
    pause: float
    seed: int
    faults: float
    # The safeguard that is switched off (see `weakened`), "" for none.
    without: str = ""
    variables: tuple[tuple[str, str], ...] = ()

    def rng(self, name: str) -> random.Random:
        """Random numbers of their own for each part, so that no thread's haste changes another's."""
        return random.Random(f"{self.seed}/{name}")

    @property
    def seconds(self) -> float:
        """How long events are sent."""
        return max(self.kills * self.pause, 5.0)

    @property
    def settle_seconds(self) -> float:
        if self.without:
            return SETTLE_WITHOUT_SECONDS
        return max(SETTLE_SECONDS, self.events * SETTLE_SECONDS_AN_EVENT)


@dataclass(frozen=True)
class Outcome:
    """What was done, what was seen afterwards, and what is wrong with it."""

    table: tuple[tuple[str, Any], ...]
    faults: tuple[Fault, ...]


def run(setup: Setup, database: str, broker: str, folder: Path) -> Outcome:
    """One campaign from an empty database to its verdict."""
    settings = "tests.campaigns.settings_weakened" if setup.without else "tests.campaigns.settings"
    # Two processes of the web server accept at once, on any machine.
    variables = {"WEB_CONCURRENCY": "2", **dict(setup.variables), "CHAOS_WITHOUT": setup.without}
    with backends.running(database, broker, folder) as below:
        plan = Plan(folder, below.database_url, below.redis_url, settings=settings, variables=variables)
        with Estate(plan) as estate:
            estate.build()
            return _Campaign(setup, estate, below).run()


class _Campaign:
    def __init__(self, setup: Setup, estate: Estate, below: backends.Backends) -> None:
        self.setup = setup
        self.estate = estate
        each = self._workflows()
        self.cases = self._cases()
        self.starters = self._starters(each)
        self.deciders = Deciders(setup.rng("deciders"))
        self.all_cases = [*self.cases, *self.starters.cases]
        self.senders = Senders(
            estate.webhook_url,
            estate.webhook_secret,
            self.cases,
            seconds=setup.seconds,
            rng=setup.rng("senders"),
        )
        self.supervisor = Supervisor(estate, setup.rng("supervisor"))
        self.kills = Kills(estate, setup.kills, setup.rng("kills"), pause=setup.pause)
        of_restarts = setup.seconds / (setup.restarts + 1)
        self.restarts = Restarts(below.restarts, setup.restarts, setup.rng("restarts"), pause=of_restarts)
        of_faults = setup.seconds / max(1.0, setup.events * setup.faults)
        self.stripe = StripeFaults(estate, setup.rng("faults"), pause=of_faults)

    def run(self) -> Outcome:
        self.estate.start_web()
        self.estate.start_worker()
        # Troubles that are over before the first run would prove nothing.
        wait_until(lambda: victims.find(self.estate, victims.IDLE), what="The first worker", seconds=90)
        try:
            troubled, settled = self._live()
        finally:
            for part in (self.senders, self.starters, self.deciders, self.supervisor):
                part.stop()
        seen = self._evidence()
        return Outcome(self._table(seen, troubled, settled), tuple(faults_in(self.all_cases, seen)))

    def _live(self) -> tuple[float, float | None]:
        """Seconds of trouble, and seconds from its end until all was done."""
        began = time.monotonic()
        for part in (self.supervisor, self.senders, self.starters, self.deciders, *self._troubles()):
            part.start()
        try:
            self._until_kills_are_done()
        finally:
            for trouble in self._troubles():
                trouble.stop()
        self.estate.standin.clear_faults()
        return time.monotonic() - began, self._settle()

    def _workflows(self) -> int:
        """Activate all of them; the ID of the one that people start."""
        Deciders.make()
        update = cases.KEYLESS_UPDATE if self.setup.without == "keys" else cases.UPDATE
        called, each = (_activate(one) for one in block_workflows.on_demand(update))
        named = f"{called}: {block_workflows.CALLED}"
        for document in (*cases.documents(update=update), *block_workflows.on_payments(update, named)):
            _activate(document)
        next_second()
        return each

    def _cases(self) -> list[cases.Case]:
        # What is switched off is looked for where little else goes on.
        kinds = cases.PLAIN_KINDS if self.setup.without else cases.KINDS
        rng = self.setup.rng("cases")
        return cases.make_cases(self.estate.standin, self.setup.events, rng, kinds=kinds)

    def _starters(self, workflow: int) -> Starters:
        from stripeflow.workflows.operations.table import MAX_LINES

        count = 0 if self.setup.without else min(max(3, self.setup.events // 10), MAX_LINES)
        customers = [self.estate.standin.create_customer()["id"] for _ in range(count)]
        return Starters(self.estate.api, workflow, customers, self.setup.rng("starters"))

    def _troubles(self) -> tuple[Trouble, ...]:
        return self.kills, self.restarts, self.stripe

    def _until_kills_are_done(self) -> None:
        """The faults go on as long as events are sent, and until the last process was killed."""
        ends = time.monotonic() + self.setup.seconds
        wait_until(
            lambda: time.monotonic() > ends and not self.kills.is_alive() and not self.restarts.is_alive(),
            what="The last kill",
            seconds=self.setup.seconds * 6 + 120,
        )

    def _settle(self) -> float | None:
        """Seconds until all was acknowledged and nothing waited any more; None if that took too long."""
        from tests.campaigns.evidence import unfinished

        began = time.monotonic()
        ends = began + self.setup.settle_seconds
        for part in (self.senders, self.starters):
            if not part.wait(ends - time.monotonic()):
                return None
        while (left := _asked(unfinished)) or left is None:
            if time.monotonic() > ends:
                return None
            time.sleep(0.25)
        return time.monotonic() - began

    def _evidence(self) -> Evidence:
        from django.db import connection

        from tests.campaigns.evidence import collect

        # The database may have been restarted since it was last asked.
        connection.close()
        return collect(
            acknowledged=self.senders.acknowledged | self.starters.acknowledged,
            ledger=self.estate.ledger_file,
            mail_folder=self.estate.mail_folder,
            deaths=self.kills.counts.total() + self.restarts.counts.total(),
        )

    def _too_long(self) -> str:
        from tests.campaigns.evidence import unfinished

        return f"too long: {self.senders.open} deliveries, {unfinished()} runs and events are left"

    def _table(self, seen: Evidence, troubled: float, settled: float | None) -> tuple[tuple[str, Any], ...]:
        asked = sum(step.status == "outcome_unknown" for step in seen.steps)
        return (
            ("events", len(self.cases)),
            ("lines started by people", f"{len(self.starters.cases)}: {_listed(self.starters.answers)}"),
            ("decisions by people", _listed(self.deciders.answers)),
            ("deliveries", self.senders.deliveries),
            ("answers to the senders", _listed(self.senders.answers)),
            ("processes killed", self.setup.kills - self.kills.left),
            ("  of each kind", _listed(self.kills.counts)),
            ("started again by the supervisor", _listed(self.supervisor.restarts)),
            ("database and broker", _listed(self.restarts.counts)),
            ("requests with a fault", _listed(self.stripe.counts)),
            ("runs", f"{len(seen.runs)} of {cases.total(self.all_cases, 'runs')}"),
            ("  by state", _listed(Counter(row.status for row in seen.runs))),
            ("effects at Stripe", f"{len(seen.effects)} of {cases.total(self.all_cases, 'marks')}"),
            ("items of loops", f"{len(seen.items)} of {cases.total(self.all_cases, 'items')}"),
            ("e-mails", f"{len(seen.mails)} of {cases.total(self.all_cases, 'mails')}, {asked} asked about"),
            ("seconds of trouble", f"{troubled:.0f}"),
            ("seconds until all was done", self._too_long() if settled is None else f"{settled:.0f}"),
        )


def _activate(document: dict) -> int:
    """The ID of a new workflow of this document, which is active."""
    from stripeflow.workflows.operations import lifecycle

    workflow = lifecycle.create(document)
    lifecycle.activate(workflow)
    return workflow.pk


def _asked(question: Callable[[], int]) -> int | None:
    """The answer, or None from a database that is away."""
    from django.db import Error, close_old_connections

    try:
        close_old_connections()
        return question()
    except Error:
        return None


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"


def verdict(outcome: Outcome) -> str:
    """The last line."""
    if not outcome.faults:
        return "VERDICT: the guarantee held."
    counts = _listed(Counter(fault.invariant for fault in outcome.faults))
    return f"VERDICT: the guarantee is broken: {counts}."


def report(outcome: Outcome) -> None:
    """Print the table, and the first of the faults."""
    for name, value in outcome.table:
        print(f"  {name:34}{value}")
    for fault in outcome.faults[:SHOWN_FAULTS]:
        print(f"  BROKEN  {fault.invariant}: {fault.subject}")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    restarts = max(1, options.kills // 15) if options.restarts is None else options.restarts
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    setup = Setup(
        options.events,
        options.kills,
        restarts,
        options.pause,
        seed,
        options.faults,
        without=options.without,
        variables=_variables(options),
    )
    print(f"seed {seed}, {options.database}, broker {options.broker}, {setup.kills} kills", flush=True)
    folder = backends.new_folder("chaos", within=None if options.on_disk else backends.in_memory())
    raise_on_signals()
    try:
        outcome = run(setup, options.database, options.broker, folder)
    except Interrupted as end:
        shutil.rmtree(folder, ignore_errors=True)
        return end.status
    report(outcome)
    if outcome.faults and not setup.without:
        print(f"  logs, database and ledger are left in {folder}")
    else:
        shutil.rmtree(folder)
    print(verdict(outcome))
    return bool(outcome.faults)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.chaos", description=__doc__)
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--restarts", type=int, help="of database and broker; by default one for 15 kills")
    parser.add_argument("--pause", type=float, default=2.5, help="mean seconds between two kills")
    parser.add_argument("--faults", type=float, default=0.1, help="of Stripe, times the number of events")
    parser.add_argument("--lease", type=float, help="seconds, in place of the default of 45")
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--on-disk", action="store_true", help="databases on the disk, which sets the pace then"
    )
    parser.add_argument("--database", choices=backends.DATABASES, default="sqlite")
    parser.add_argument("--broker", choices=backends.BROKERS, default="orm")
    parser.add_argument("--slow-mail", action="store_true", help="e-mails take seconds, and rings come often")
    off = parser.add_mutually_exclusive_group()
    for name, what in SAFEGUARDS.items():
        text = f"switch {what} off: has to be found out"
        off.add_argument(f"--without-{name}", dest="without", action="store_const", const=name, help=text)
    parser.set_defaults(without="")
    return parser


def _variables(options: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    lease = (("CHAOS_LEASE_SECONDS", str(options.lease)),) if options.lease else ()
    return (*lease, *((("CHAOS_SLOW_MAIL", "1"),) if options.slow_mail else ()))


if __name__ == "__main__":
    sys.exit(main())
