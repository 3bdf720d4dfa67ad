"""(8) Runs whose action is a call that takes its time, many at once.

The action sends a real request over loopback, with the library and the kept connections of Stripe's SDK; the
far end answers after so many milliseconds. Half of the webhooks match. One target goes the whole way of a
Stripe action, through the one door to Stripe with its rate limiter.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from django.conf import settings

from bench import data, outcomes, processes, waiting
from bench.figures import Figure, of
from bench.load import burst
from bench.session import Session

NAME = "slow"
LEAST = 0.8
# What the aim asks for at most, in runs a second.
ENOUGH = 100.0
AIM_AT = 300
CONNECTIONS = 32
# Milliseconds of the call → how many runs: several times as many as are in flight at once. At the latency of
# the aim there are so many that the places, which fill at the start and empty at the end, are mostly full.
RUNS = {0: 400, 50: 400, AIM_AT: 800, 2000: 96}
RUNS_ONE_AT_A_TIME = 40
_QUICK_RUNS = {0: 8, AIM_AT: 8}


@dataclass(frozen=True)
class Seen:
    """Runs a second, and webhooks acknowledged a second where they were sent."""

    rate: float
    acknowledged: float = 0.0


def measure(session: Session) -> list[Figure]:
    runs = _QUICK_RUNS if session.quick else RUNS
    with processes.slow_server(session.folder, settings.BENCH_LEDGER) as port:
        rounds = [_round(session, port, runs) for _number in range(session.rounds)]
    return _figures({name: [seen[name] for seen in rounds] for name in rounds[0]}, list(runs))


def _round(session: Session, port: int, runs: dict[int, int]) -> dict[str, Seen]:
    seen: dict[str, Seen] = {}
    for latency in session.shuffled(map(str, runs)):
        count = runs[int(latency)]
        seen[f"backlog, {latency} ms"] = backlog(session, one_call(port, latency), count)
        seen[f"bare loop, {latency} ms"] = _bare(session, port, latency, count)
    seen |= _others(session, port, runs)
    with _at_work(session) as web:
        for latency in session.shuffled(map(str, runs)):
            count = runs[int(latency)]
            seen[f"webhooks, {latency} ms"] = _webhooks(session, web, one_call(port, latency), count)
        steps, count = _two_calls(port, "0"), runs[0]
        seen["webhooks, two calls and a branch, 0 ms"] = _webhooks(session, web, steps, count, calls=2)
    return seen


def _others(session: Session, port: int, runs: dict[int, int]) -> dict[str, Seen]:
    """What is measured at the latency of the aim alone."""
    count, few = runs[AIM_AT], session.size(quick=4, full=RUNS_ONE_AT_A_TIME)
    one, two = one_call(port, str(AIM_AT)), _two_calls(port, str(AIM_AT))
    return {
        f"backlog, {AIM_AT} ms, one at a time": backlog(session, one, few, concurrency=1),
        f"backlog, two calls and a branch, {AIM_AT} ms": backlog(session, two, count, calls=2),
        f"backlog, Stripe's door, {AIM_AT} ms": backlog(session, _stripe_call(), count, stripe=port),
    }


def one_call(port: int, latency: str) -> data.Steps:
    return [_call("call", port, latency)]


def _two_calls(port: int, latency: str) -> data.Steps:
    """A call, a branch on what it answered, and a call there."""
    answered = {"field": "steps.look.status", "operator": "equal", "value": 200}
    ways = [
        {
            "key": "answered",
            "name": "",
            "conditions": {"match": "all", "conditions": [answered]},
            "steps": [_call("act", port, latency)],
        },
        {"key": "otherwise", "name": "", "otherwise": True, "steps": []},
    ]
    choice = {"key": "choice", "type": "branch", "name": "By answer", "branches": ways}
    return [_call("look", port, latency), choice]


def _call(key: str, port: int, latency: str) -> dict[str, object]:
    inputs = {"url": f"http://127.0.0.1:{port}/{latency}/{key}", "body": "Charge {{ trigger.charge }}."}
    return data.action(key, "bench.call", inputs)


def _stripe_call() -> data.Steps:
    metadata = [{"key": "charge", "value": "{{ trigger.charge }}"}]
    inputs = {"customer": f"cus_bench_{AIM_AT}", "metadata": metadata}
    return [data.action("update", "stripe.customers.update", inputs)]


def backlog(
    session: Session,
    steps: data.Steps,
    count: int,
    *,
    calls: int = 1,
    concurrency: int = processes.CONCURRENCY,
    stripe: int = 0,
) -> Seen:
    """Events that are matched already, worked off by the worker; `stripe` is the port of its Stripe."""
    from stripeflow.triggers import inbox

    data.activate(matching=1, steps=steps)
    for _number in range(count):
        inbox.accept_stripe(data.event(), mirror=False)
    environment = {"BENCH_STRIPE": f"http://127.0.0.1:{stripe}"} if stripe else {}
    with processes.worker(session.folder, concurrency=concurrency, **environment):
        waiting.until(outcomes.finished, count, what="finished runs")
    outcomes.check(session, NAME, count, calls=calls)
    first, last = outcomes.span()
    return Seen(count / (last - first))


def _bare(session: Session, port: int, latency: str, count: int) -> Seen:
    """The same writes and the same call by hand, with as many processes and threads."""
    data.empty()
    url = f"http://127.0.0.1:{port}/{latency}/"
    command = [sys.executable, "-m", "bench.bare_loop", settings.BENCH_LEDGER]
    command += [str(processes.CONCURRENCY), url]
    seconds = outcomes.race(command, outcomes.bare_shares(session, count))
    outcomes.check_bare(session, NAME, count)
    return Seen(count / seconds)


@contextmanager
def _at_work(session: Session) -> Iterator[processes.Process]:
    """Web server and worker, after their first events."""
    with processes.web(session.folder) as web, processes.worker(session.folder):
        data.activate(matching=1)
        burst(web.port, data.requests(_PATH, CONNECTIONS), connections=CONNECTIONS)
        waiting.until(outcomes.finished, CONNECTIONS, what="finished runs of the warm-up")
        yield web


_PATH = f"/stripe/webhook/{data.ENDPOINT}/"


def _webhooks(
    session: Session, web: processes.Process, steps: data.Steps, count: int, *, calls: int = 1
) -> Seen:
    """Twice as many webhooks as runs, since half of them match, while the worker works on them."""
    data.activate(matching=1, steps=steps)
    sent = burst(web.port, data.requests(_PATH, count, in_vain=count), connections=CONNECTIONS)
    waiting.until(outcomes.finished, count, what="finished runs")
    outcomes.check(session, NAME, count, calls=calls)
    first, last = outcomes.span()
    # The first run starts a moment after the first request was sent.
    return Seen(count / max(sent.seconds, last - first), sent.rate)


def _figures(seen: dict[str, list[Seen]], latencies: list[int]) -> list[Figure]:
    rates = {name: [one.rate for one in found] for name, found in seen.items()}
    acknowledged = {name: [one.acknowledged for one in found] for name, found in seen.items()}
    return [
        *(of(NAME, f"{name}, runs", values, "1/s") for name, values in rates.items()),
        *(
            of(NAME, f"{name}, acknowledged", values, "1/s")
            for name, values in acknowledged.items()
            if any(values)
        ),
        *(_of_bare(rates, latency) for latency in latencies),
        *(
            _of_possible(rates, way, latency)
            for way in ("backlog", "webhooks")
            for latency in latencies
            if latency
        ),
    ]


def _of_bare(rates: dict[str, list[float]], latency: int) -> Figure:
    ours, bare = rates[f"backlog, {latency} ms"], rates[f"bare loop, {latency} ms"]
    return of(NAME, f"backlog, {latency} ms / bare loop", [median(ours) / median(bare)], "×")


def _of_possible(rates: dict[str, list[float]], way: str, latency: int) -> Figure:
    """What was done of what can be: all places filled all the time, or as many as with a call at once."""
    places = processes.WORKER_PROCESSES * processes.CONCURRENCY
    possible = min(places / latency * 1000, median(rates[f"{way}, 0 ms"]))
    least = None
    if latency == AIM_AT:
        possible, least = min(possible, ENOUGH), LEAST
    share = median(rates[f"{way}, {latency} ms"]) / possible
    return of(NAME, f"{way}, {latency} ms / {places} places", [share], "×", least=least)
