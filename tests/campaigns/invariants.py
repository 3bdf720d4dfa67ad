"""What must hold after a chaos campaign, whatever was killed. Pure: evidence in, faults out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.campaigns.cases import MAIL_STEP, Case

# What one death can interrupt: two workers, and two again if a cluster hangs for it and is started anew.
ASKED_PER_DEATH = 4
# The rest of the states would be left by themselves, and within two minutes.
ENDED = frozenset({"succeeded", "failed", "canceled", "outcome_unknown", "held"})


@dataclass(frozen=True)
class RunRow:
    id: str
    workflow: str
    event_id: str
    status: str


@dataclass(frozen=True)
class StepRow:
    run_id: str
    path: str
    repeat: str
    status: str


@dataclass(frozen=True)
class Evidence:
    """What was answered, what our rows say, what really happened at Stripe, and the e-mails' runs.

    `events` holds (Stripe's id, whether it was matched), `effects` (event's id, mark). A run that another
    one has started counts for the event of that one. `items` are (event's id, key and state) of the items of
    loops, `decisions` (event's id, state and number of decisions) of approvals. `deaths` counts what was
    killed or restarted.
    """

    acknowledged: frozenset[str]
    events: tuple[tuple[str, bool], ...]
    runs: tuple[RunRow, ...]
    steps: tuple[StepRow, ...]
    effects: tuple[tuple[str, str], ...]
    mails: tuple[str, ...]
    deaths: int = 0
    items: tuple[tuple[str, str], ...] = ()
    decisions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Fault:
    """An invariant that is broken, and by what."""

    invariant: str
    subject: str


def faults_in(cases: Iterable[Case], seen: Evidence) -> list[Fault]:
    """Everything that breaks the guarantee."""
    cases = tuple(cases)
    checks = (_events, _runs, _effects, _mails, _ends, _items, _decisions)
    return [Fault(*found) for check in checks for found in check(cases, seen)]


def _events(cases: tuple[Case, ...], seen: Evidence) -> Iterator[tuple[str, str]]:
    rows = Counter(event_id for event_id, _matched in seen.events)
    for event_id in sorted(seen.acknowledged - set(rows)):
        yield "acknowledged event lost", event_id
    for case in cases:
        if case.event_id not in seen.acknowledged:
            yield "event never acknowledged", case.event_id
    for event_id, count in rows.items():
        if count > 1:
            yield "event stored twice", event_id
    for event_id, matched in seen.events:
        if not matched:
            yield "event not matched", event_id


def _runs(cases: tuple[Case, ...], seen: Evidence) -> Iterator[tuple[str, str]]:
    found = Counter((run.event_id, run.workflow) for run in seen.runs)
    yield from _differences(_wanted(cases, "runs"), found, missing="run missing", extra="run too many")


def _effects(cases: tuple[Case, ...], seen: Evidence) -> Iterator[tuple[str, str]]:
    found = Counter(seen.effects)
    yield from _differences(
        _wanted(cases, "marks"), found, missing="effect missing", extra="effect too often"
    )


def _items(cases: tuple[Case, ...], seen: Evidence) -> Iterator[tuple[str, str]]:
    found = Counter(seen.items)
    yield from _differences(
        _wanted(cases, "items"), found, missing="item not as it has to be", extra="item too often"
    )


def _decisions(cases: tuple[Case, ...], seen: Evidence) -> Iterator[tuple[str, str]]:
    found = Counter(seen.decisions)
    yield from _differences(
        _wanted(cases, "decisions"), found, missing="decision missing", extra="decision too many"
    )


def _mails(cases: tuple[Case, ...], seen: Evidence) -> Iterator[tuple[str, str]]:
    expecting = {(case.event_id, name) for case in cases for name in case.wanted.mails}
    may_send = {run.id for run in seen.runs if (run.event_id, run.workflow) in expecting}
    asks = {step.run_id for step in seen.steps if (step.path, step.status) == (MAIL_STEP, "outcome_unknown")}
    sent = Counter(seen.mails)
    for run_id, count in sent.items():
        if count > 1 or run_id not in may_send:
            yield "e-mail too often", f"{run_id}: {count}"
    for run_id in sorted(may_send - set(sent) - asks):
        yield "e-mail missing, and nobody asked", run_id
    if len(asks) > seen.deaths * ASKED_PER_DEATH:
        yield "asked about, and nothing had died", f"{len(asks)} e-mails, {seen.deaths} deaths"


def _ends(cases: tuple[Case, ...], seen: Evidence) -> Iterator[tuple[str, str]]:
    ends = {(case.event_id, name): state for case in cases for name, state in case.wanted.ends.items()}
    for run in seen.runs:
        if run.status not in ENDED:
            yield "run without an end", f"{run.id}: {run.status}"
        elif ends.get((run.event_id, run.workflow), run.status) != run.status:
            yield "run ended otherwise", f"{run.id}: {run.status}"
    for step in seen.steps:
        if step.repeat != "ask" and step.status == "outcome_unknown":
            yield "outcome unknown of a step with a key", f"{step.run_id} {step.path}"


def _wanted(cases: tuple[Case, ...], name: str) -> set[tuple[str, str]]:
    return {(case.event_id, one) for case in cases for one in getattr(case.wanted, name)}


def _differences(
    wanted: set[tuple[str, str]], found: Counter[tuple[str, str]], *, missing: str, extra: str
) -> Iterator[tuple[str, str]]:
    for pair in sorted(wanted - set(found)):
        yield missing, " ".join(pair)
    for pair, count in found.items():
        if count > (pair in wanted):
            yield extra, f"{' '.join(pair)}: {count}"
