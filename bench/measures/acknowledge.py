"""(1) How fast a webhook is acknowledged, beside a bare view and a stock dj-stripe webhook."""

from bench import data, processes
from bench.figures import Figure, of, ratio
from bench.load import Sent, burst
from bench.session import Session

NAME = "acknowledge"
LEAST = {"sqlite": 0.5, "postgres": 0.4}
CONNECTIONS = 8


def measure(session: Session) -> list[Figure]:
    data.activate(matching=1)
    count = session.size(quick=16, full=400)
    with (
        processes.web(session.folder, BENCH_MIRROR="off") as ours,
        processes.web(session.folder, BENCH_MIRROR="on") as mirroring,
        processes.web(session.folder, settings="bench.settings_stock") as stock,
    ):
        targets = {
            "bare": (ours.port, "/bare/"),
            "ours": (ours.port, f"/stripe/webhook/{data.ENDPOINT}/"),
            "mirror": (mirroring.port, f"/stripe/webhook/{data.ENDPOINT}/"),
            "stock": (stock.port, f"/djstripe/webhook/{data.STOCK_ENDPOINT}/"),
        }
        for port, path in targets.values():
            burst(port, data.requests(path, CONNECTIONS * 4), connections=CONNECTIONS)
        rounds = [_round(session, targets, count) for _number in range(session.rounds)]
    return _figures(session, rounds)


def _round(session: Session, targets: dict[str, tuple[int, str]], count: int) -> dict[str, Sent]:
    sent = {}
    for name in session.shuffled(targets):
        port, path = targets[name]
        data.empty()
        sent[name] = burst(port, data.requests(path, count), connections=CONNECTIONS)
        _check(session, name, count)
    return sent


def _check(session: Session, name: str, count: int) -> None:
    """The rows that must be there now, or the measure measured something else."""
    from djstripe.models import Event as MirroredEvent

    from bench.models import BareEvent
    from stripeflow.triggers.models import Event
    from stripeflow.workflows.models import Run

    models = {"bare": [BareEvent], "stock": [MirroredEvent]}.get(name, [Event, Run])
    for model in models:
        session.check(f"{NAME}: {name} {model.__name__}", model._default_manager.count(), count)


def _figures(session: Session, rounds: list[dict[str, Sent]]) -> list[Figure]:
    rates = {name: [sent[name].rate for sent in rounds] for name in rounds[0]}
    least = LEAST[session.stack]
    figures = [of(NAME, f"{name}, rate", values, "1/s") for name, values in rates.items()]
    for name in rates:
        for share in (0.5, 0.99):
            times = [sent[name].quantile(share) * 1000 for sent in rounds]
            figures.append(of(NAME, f"{name}, p{share * 100:.0f}", times, "ms"))
    return [
        *figures,
        ratio(NAME, "ours / bare view", rates["ours"], rates["bare"], least=least),
        ratio(NAME, "ours with the mirror on / bare view", rates["mirror"], rates["bare"], least=least),
        ratio(NAME, "ours / stock dj-stripe", rates["ours"], rates["stock"], least=1.0),
        ratio(NAME, "ours with the mirror on / stock dj-stripe", rates["mirror"], rates["stock"], least=1.0),
    ]
