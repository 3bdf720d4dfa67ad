"""What the runs of a measure came to: how many ended, and when, and whether each had its effect once."""

import json
import subprocess

from django.conf import settings

from bench import ledger, processes, waiting
from bench.session import Session


def finished() -> int:
    from stripeflow.workflows.models import Run

    return Run.objects.filter(finished_at__isnull=False).count()


def effects() -> int:
    return len(ledger.effects(settings.BENCH_LEDGER))


def check(session: Session, name: str, runs: int) -> None:
    from stripeflow.workflows.models import Run
    from stripeflow.workflows.states import RunStatus

    session.check(f"{name}: runs", Run.objects.filter(status=RunStatus.SUCCEEDED).count(), runs)
    keys = [effect.key for effect in ledger.effects(settings.BENCH_LEDGER)]
    session.check(f"{name}: effects", len(keys), runs)
    session.check(f"{name}: different effects", len(set(keys)), runs)


def checked_rate(session: Session, name: str, runs: int) -> float:
    check(session, name, runs)
    first, last = span()
    return runs / (last - first)


def span() -> tuple[float, float]:
    """From the first claim to the last end, in seconds since 1970."""
    from django.db.models import Max, Min

    from stripeflow.workflows.models import Run

    found = Run.objects.aggregate(first=Min("started_at"), last=Max("finished_at"))
    return found["first"].timestamp(), found["last"].timestamp()


def race(command: list[str], shares: list[list[str]]) -> None:
    loops = [
        subprocess.Popen(
            command, cwd=processes.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _share in shares
    ]
    for loop, share in zip(loops, shares, strict=True):
        print(json.dumps(share), file=loop.stdin, flush=True)
    for loop in loops:
        if loop.stdout is not None:
            loop.stdout.readline()
    for loop in loops:
        loop.communicate("go\n", timeout=waiting.DEADLINE_SECONDS)
