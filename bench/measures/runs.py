"""(2) From events to finished runs, beside a bare loop and django-q2's no-op tasks."""

import sys
from collections.abc import Callable
from functools import partial

from django.conf import settings

from bench import data, ledger, outcomes, processes, waiting
from bench.figures import Figure, of, ratio
from bench.load import burst
from bench.session import Session

NAME = "runs"
# Twice what it was when a worker did one run at a time, and each write was a commit of its own.
LEAST_OF_BARE = {"sqlite": 0.94, "postgres": 1.44}
CONNECTIONS = 8
_activate_twenty = partial(data.activate, matching=2, others=18)


def measure(session: Session) -> list[Figure]:
    count = session.size(quick=10, full=300)
    rounds: list[dict[str, float]] = [{} for _number in range(session.rounds)]
    for rates in rounds:
        for name in session.shuffled(_TARGETS):
            rates[name] = _TARGETS[name](session, count)
    return _figures(
        LEAST_OF_BARE[session.stack], {name: [rates[name] for rates in rounds] for name in _TARGETS}
    )


def drain_one(session: Session, count: int) -> float:
    """A backlog of events that one workflow matched, worked off by the worker."""
    data.activate(matching=1)
    return _drain(session, events=count, runs=count)


def _drain_twenty(session: Session, count: int) -> float:
    _activate_twenty()
    return _drain(session, events=count // 2, runs=count // 2 * 2)


def _drain(session: Session, *, events: int, runs: int) -> float:
    from stripeflow.triggers import inbox

    for _number in range(events):
        inbox.accept_stripe(data.event(), mirror=False)
    with processes.worker(session.folder):
        waiting.until(outcomes.finished, runs, what="finished runs")
    return outcomes.checked_rate(session, NAME, runs)


def _flow_one(session: Session, count: int) -> float:
    """The same with everything at work: gunicorn accepts, the worker runs."""
    data.activate(matching=1)
    return _flow(session, events=count, runs=count)


def _flow_twenty(session: Session, count: int) -> float:
    _activate_twenty()
    return _flow(session, events=count // 2, runs=count // 2 * 2)


def _flow(session: Session, *, events: int, runs: int) -> float:
    with processes.web(session.folder) as web, processes.worker(session.folder):
        path = f"/stripe/webhook/{data.ENDPOINT}/"
        burst(web.port, warm := data.requests(path, CONNECTIONS), connections=CONNECTIONS)
        waiting.until(outcomes.finished, len(warm) * runs // events, what="finished runs of the warm-up")
        data.empty()
        sent = burst(web.port, data.requests(path, events), connections=CONNECTIONS)
        waiting.until(outcomes.finished, runs, what="finished runs")
    outcomes.check(session, NAME, runs)
    first, last = outcomes.span()
    # The first run starts a moment after the first request was sent.
    return runs / max(sent.seconds, last - first)


def bare(session: Session, count: int) -> float:
    """As many processes as the cluster has, each with its share of the runs."""
    data.empty()
    shares = outcomes.bare_shares(session, count)
    outcomes.race([sys.executable, "-m", "bench.bare_loop", settings.BENCH_LEDGER], shares)
    outcomes.check_bare(session, NAME, count)
    return _ledger_rate(session, count)


def _noop(session: Session, count: int) -> float:
    """django-q2 alone: as many tasks that do nothing, on the same broker and cluster."""
    from stripeflow.triggers.queue import enqueue

    data.empty()
    for number in range(count):
        enqueue("bench.tasks.noop", number)
    with processes.manage(session.folder, "qcluster", Q_CLUSTER_NAME=settings.STRIPEFLOW["QUEUE_CLUSTER"]):
        waiting.until(outcomes.effects, count, what="no-op tasks")
    return _ledger_rate(session, count)


_AIM = "backlog, 1 workflow"
_TARGETS: dict[str, Callable[[Session, int], float]] = {
    _AIM: drain_one,
    "backlog, 20 workflows of which 2 match": _drain_twenty,
    "webhook to end, 1 workflow": _flow_one,
    "webhook to end, 20 workflows of which 2 match": _flow_twenty,
    "bare loop": bare,
    "django-q2 no-op tasks": _noop,
}


def _ledger_rate(session: Session, count: int) -> float:
    times = [effect.at for effect in ledger.effects(settings.BENCH_LEDGER)]
    session.check(f"{NAME}: lines", len(times), count)
    return (count - 1) / (max(times) - min(times))


def _figures(least: float, rates: dict[str, list[float]]) -> list[Figure]:
    bare, noop = rates["bare loop"], rates["django-q2 no-op tasks"]
    ours = [name for name in rates if "workflow" in name]
    return [
        *(of(NAME, f"{name}, rate", values, "1/s") for name, values in rates.items()),
        *(
            ratio(
                NAME,
                f"{name} / bare loop",
                rates[name],
                bare,
                least=least if name == _AIM else None,
            )
            for name in ours
        ),
        *(ratio(NAME, f"{name} / no-op tasks", rates[name], noop) for name in ours),
    ]
