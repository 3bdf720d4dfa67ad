"""(1) How fast a webhook is acknowledged, beside a bare view and a stock webhook, and among old rows."""

from statistics import median

from bench import data, processes, rows
from bench.figures import Figure, of, ratio
from bench.load import Sent, burst
from bench.old_rows import OldRows
from bench.processes import Process
from bench.session import Session

NAME = "acknowledge"
LEAST = {"sqlite": 1.0, "postgres": 0.7}
LEAST_AT_MANY_ROWS = 0.9
# A closed loop: so many are always in flight.
CONNECTIONS = 32
FEW_THREADS = 4
ROWS = (10**3, 10**5)

# The port and the path of a server under measure.
Target = tuple[int, str]


def measure(session: Session) -> list[Figure]:
    data.activate(matching=1)
    ours, stock = f"/stripe/webhook/{data.ENDPOINT}/", f"/djstripe/webhook/{data.STOCK_ENDPOINT}/"
    few = f"with {processes.web_processes()} × {FEW_THREADS} threads"
    with (
        processes.web(session.folder, BENCH_MIRROR="off") as web,
        processes.web(session.folder, BENCH_MIRROR="on") as mirroring,
        processes.web(session.folder, settings="bench.settings_stock") as other,
        processes.web(session.folder, threads=FEW_THREADS, BENCH_MIRROR="off") as small,
    ):
        targets = {
            "bare": (web.port, "/bare/"),
            "ours": (web.port, ours),
            "mirror": (mirroring.port, ours),
            "stock": (other.port, stock),
            f"bare {few}": (small.port, "/bare/"),
            f"ours {few}": (small.port, ours),
        }
        for port, path in targets.values():
            burst(port, data.requests(path, CONNECTIONS * 2), connections=CONNECTIONS)
        rounds = [_round(session, targets) for _number in range(session.rounds)]
        grown = _grown(session, web, ours)
    return [*_figures(session, rounds, few), *_figures_as_rows_grow(grown)]


def _count(session: Session) -> int:
    return session.size(quick=16, full=400)


def _round(session: Session, targets: dict[str, Target]) -> dict[str, Sent]:
    sent = {}
    for name in session.shuffled(targets):
        data.empty()
        sent[name] = _sent(session, targets[name])
        _check(session, name, _count(session))
    return sent


def _sent(session: Session, target: Target) -> Sent:
    port, path = target
    return burst(port, data.requests(path, _count(session)), connections=CONNECTIONS)


def _check(session: Session, name: str, count: int) -> None:
    """The rows that must be there now, or the measure measured something else."""
    from djstripe.models import Event as MirroredEvent

    from bench.models import BareEvent
    from stripeflow.triggers.models import Event
    from stripeflow.workflows.models import Run

    models = {"bare": [BareEvent], "stock": [MirroredEvent]}.get(name.partition(" ")[0], [Event, Run])
    for model in models:
        session.check(f"{NAME}: {name} {model.__name__}", model._default_manager.count(), count)


def _grown(session: Session, web: Process, path: str) -> dict[int, list[float]]:
    """Our rate as a share of the bare view's of the same moment, among so many old rows."""
    sizes = (10, 100) if session.quick else ROWS
    data.empty()
    old = OldRows(session, f"{NAME} as rows grow", most=sizes[-1])
    shares: dict[int, list[float]] = {}
    for size in sizes:
        old.grow(size)
        # Reads again what the rows' making has pushed out of memory.
        _sent(session, (web.port, path))
        shares[size] = [_share(session, old, web, path) for _number in range(session.rounds)]
    rows.empty()
    data.empty()
    return shares


def _share(session: Session, old: OldRows, web: Process, path: str) -> float:
    rates = {}
    for name in session.shuffled(("bare", "ours")):
        old.remove_new()
        rates[name] = _sent(session, (web.port, "/bare/" if name == "bare" else path)).rate
        expected = 0 if name == "bare" else _count(session)
        session.check(f"{NAME} as rows grow: new events, {name}", old.new().count(), expected)
    return rates["ours"] / rates["bare"]


def _figures(session: Session, rounds: list[dict[str, Sent]], few: str) -> list[Figure]:
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
        ratio(NAME, f"ours / bare view {few}", rates[f"ours {few}"], rates[f"bare {few}"]),
        ratio(NAME, "ours with the mirror on / bare view", rates["mirror"], rates["bare"]),
        ratio(NAME, "ours / stock dj-stripe", rates["ours"], rates["stock"], least=1.0),
        ratio(NAME, "ours with the mirror on / stock dj-stripe", rates["mirror"], rates["stock"], least=1.0),
    ]


def _figures_as_rows_grow(shares: dict[int, list[float]]) -> list[Figure]:
    first, last = shares
    change = median(shares[last]) / median(shares[first])
    return [
        *(of(NAME, f"ours / bare view, at {size} rows", found, "×") for size, found in shares.items()),
        of(NAME, f"of that at {first} rows, at {last}", [change], "×", least=LEAST_AT_MANY_ROWS),
    ]
