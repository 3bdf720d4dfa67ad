"""What the runs of a measure came to: how many ended, and when, and whether each had its effect once."""

import json
import subprocess
import time

from django.conf import settings

from bench import ledger, processes, waiting
from bench.session import Session


def finished() -> int:
    from stripeflow.workflows.models import Run

    return Run.objects.filter(finished_at__isnull=False).count()


def effects() -> int:
    return len(ledger.effects(settings.BENCH_LEDGER))


def check(session: Session, name: str, runs: int, *, calls: int = 1) -> None:
    """That so many runs succeeded, and had their effects once: `calls` each."""
    from stripeflow.workflows.models import Run
    from stripeflow.workflows.states import RunStatus

    session.check(f"{name}: runs", Run.objects.filter(status=RunStatus.SUCCEEDED).count(), runs)
    keys = [effect.key for effect in ledger.effects(settings.BENCH_LEDGER)]
    session.check(f"{name}: effects", len(keys), calls * runs)
    session.check(f"{name}: different effects", len(set(keys)), calls * runs)


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


def race(command: list[str], shares: list[list[str]]) -> float:
    """Let one process work on each share, all from the same moment; the seconds until the last one ends."""
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
    began = time.perf_counter()
    for loop in loops:
        if loop.stdin is not None:
            print("go", file=loop.stdin, flush=True)
    for loop in loops:
        if loop.wait(timeout=waiting.DEADLINE_SECONDS):
            raise RuntimeError(f"{command} ended with {loop.returncode}.")
        for pipe in (loop.stdin, loop.stdout):
            if pipe is not None:
                pipe.close()
    return time.perf_counter() - began


def bare_shares(session: Session, count: int) -> list[list[str]]:
    """The ids of so many new rows for the bare loop, divided among as many processes as the worker has."""
    from bench.models import BareRun

    runs = BareRun.objects.bulk_create([BareRun() for _number in range(count)])
    as_text = str if session.stack == "postgres" else (lambda pk: pk.hex)
    many = processes.WORKER_PROCESSES
    return [[as_text(run.pk) for run in runs[number::many]] for number in range(many)]


def check_bare(session: Session, name: str, count: int) -> None:
    from bench.models import BareStep

    session.check(f"{name}: bare", BareStep.objects.filter(status="succeeded").count(), count)
