"""(3) From the webhook to the action, at ten events a second."""

from django.conf import settings

from bench import data, ledger, processes, waiting
from bench.figures import Figure, of
from bench.load import burst, paced
from bench.session import Session

NAME = "latency"
PER_SECOND = 10
MOST_P50 = {"sqlite": 150.0, "postgres": 30.0}
WARM_UP = 8


def measure(session: Session) -> list[Figure]:
    data.activate(matching=1)
    count = session.size(quick=10, full=100)
    with processes.web(session.folder) as web, processes.worker(session.folder):
        path = f"/stripe/webhook/{data.ENDPOINT}/"
        burst(web.port, data.requests(path, WARM_UP), connections=WARM_UP)
        waiting.until(_effects, WARM_UP, what="effects of the warm-up")
        rounds = [_round(session, web.port, path, count) for _number in range(session.rounds)]
    p50 = [_quantile(times, 0.5) for times in rounds]
    p95 = [_quantile(times, 0.95) for times in rounds]
    return [
        of(NAME, "webhook to action, p50", p50, "ms", most=MOST_P50[session.stack]),
        of(NAME, "webhook to action, p95", p95, "ms"),
    ]


def _round(session: Session, port: int, path: str, count: int) -> list[float]:
    """The milliseconds from each delivery to its effect, matched by the event's id."""
    data.empty()
    events = [data.event() for _number in range(count)]
    requests = [data.signed(path, event) for event in events]
    sent = dict(
        zip((event["id"] for event in events), paced(port, requests, per_second=PER_SECOND), strict=True)
    )
    waiting.until(_effects, count, what="effects")
    acted = {effect.key.split()[1]: effect.at for effect in ledger.effects(settings.BENCH_LEDGER)}
    session.check(f"{NAME}: events with an effect", len(acted.keys() & sent.keys()), count)
    return [(acted[key] - sent[key]) * 1000 for key in sent]


def _effects() -> int:
    return len(ledger.effects(settings.BENCH_LEDGER))


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
