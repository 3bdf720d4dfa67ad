"""A back-test: which stored events of some days would have started a definition. Starts nothing."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import Error
from django.db.models import Q, QuerySet
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.workflows.conditions import Truth
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import Plan
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.limits.loops import Cause, causes_of, is_caught, is_ignored
from stripeflow.workflows.matching.candidates import candidates, of_types, within
from stripeflow.workflows.rehearsal.amounts import Moved, moved_by, moves_money
from stripeflow.workflows.rehearsal.drafts import Script
from stripeflow.workflows.rehearsal.results import End, Rehearsal
from stripeflow.workflows.rehearsal.samples import NothingKnown
from stripeflow.workflows.rehearsal.stored import given_event
from stripeflow.workflows.rehearsal.walking import Given, rehearse

logger = logging.getLogger(__name__)

MAX_EVENTS = 5_000
MAX_DAYS = 365
_BATCH = 250
# Time budget of a back-test, in seconds; beyond it the result is partial.
_SECONDS = 10.0


@dataclass(frozen=True)
class Span:
    """Events created from `since` to before `until`."""

    since: datetime
    until: datetime

    @classmethod
    def of_days(cls, days: int, *, until: datetime | None = None) -> "Span":
        """The days before a moment, which is now."""
        end = until or timezone.now()
        return cls(end - timedelta(days=days), end)


@dataclass(frozen=True)
class Bounds:
    """The limits of one back-test. `clock` returns seconds."""

    events: int = MAX_EVENTS
    seconds: float = _SECONDS
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Match:
    """An event that would have started the workflow.

    `unknown_amounts`: how many steps would move money of which the event does not show the amount.
    `reference` finds the event again; `event_id` may be that of several.
    """

    pk: int
    reference: str
    event_id: str
    object_id: str
    created: datetime
    end: End
    moved: tuple[Moved, ...]
    unknown_amounts: int


@dataclass
class BackTest:
    """The result. Of `total` events in the span, the newest `looked_at` were evaluated.

    `out_of_scope` are further events of the types that are of another mode or account than the trigger takes.
    `own_calls` met the conditions, but a call of a workflow caused them: it would be a loop, or the trigger
    does not take such events.
    `moved`: minor units by currency, over all matches, without those of `unknown_amounts`.
    `undecided`: the matches whose branch a person would have to choose.
    """

    span: Span
    total: int
    emptied: int
    out_of_scope: int = 0
    looked_at: int = 0
    not_met: int = 0
    unknown: int = 0
    own_calls: int = 0
    broke: int = 0
    unknown_amounts: int = 0
    undecided: int = 0
    ran_out_of_time: bool = False
    matches: list[Match] = field(default_factory=list)
    moved: Counter[str] = field(default_factory=Counter)

    @property
    def is_complete(self) -> bool:
        """Whether every event of the span with a payload was evaluated."""
        return self.looked_at >= self.total


def backtest(script: Script, span: Span, *, bounds: Bounds | None = None) -> BackTest:
    """Rehearse the definition on the newest events of the span. Raises `NotRehearsable`.

    A constant number of queries for each 250 events. Ends after 10 seconds, with what it has.
    """
    bounds = bounds or Bounds()
    plan = script.plan()
    found = _counted(script, plan, span)
    ends_at = bounds.clock() + bounds.seconds
    inputs = {place.step["key"]: place.step.get("inputs", {}) for place in steps(script.document)}
    for batch in _batches(_events(script, plan, span), bounds.events):
        causes = causes_of(batch)
        for event in batch:
            if bounds.clock() >= ends_at:
                found.ran_out_of_time = True
                return found
            _rehearse(found, event, causes.get(event.pk), _Terms(script, plan, inputs))
    return found


@dataclass(frozen=True)
class _Terms:
    """The context of one back-test, the same for all of its events."""

    script: Script
    plan: Plan
    inputs: Mapping[str, Json]


def _rehearse(found: BackTest, event: Event, cause: Cause | None, terms: _Terms) -> None:
    found.looked_at += 1
    given = given_event(event)
    try:
        result = rehearse(terms.plan, given, now=timezone.now(), samples=NothingKnown())
    except Error:
        raise
    except Exception:  # one event that breaks the evaluation must not hide the others
        logger.exception("workflows.rehearsal.broke", extra={"event": event.pk})
        found.broke += 1
        return
    if result.truth is Truth.UNKNOWN:
        found.unknown += 1
    elif not result.starts:
        found.not_met += 1
    elif is_caught(cause, terms.script.workflow.pk) or is_ignored(cause, terms.plan):
        found.own_calls += 1
    else:
        _add(found, _match(event, result, given, terms))


def _match(event: Event, result: Rehearsal, given: Given, terms: _Terms) -> Match:
    amounts = [
        moved_by(step, terms.inputs.get(step.key, {}), given, terms.plan.trigger)
        for step in result.actions()
        if moves_money(step)
    ]
    return Match(
        pk=event.pk,
        reference=event.reference,
        event_id=event.external_id,
        object_id=event.object_id,
        created=event.created,
        end=result.end,
        moved=tuple(one for one in amounts if one is not None and one.amount),
        unknown_amounts=sum(one is None for one in amounts),
    )


def _add(found: BackTest, match: Match) -> None:
    found.matches.append(match)
    found.unknown_amounts += match.unknown_amounts
    found.undecided += match.end is End.UNDECIDED
    for one in match.moved:
        found.moved[one.currency] += one.amount


def _events(script: Script, plan: Plan, span: Span) -> QuerySet[Event]:
    events = (
        candidates(plan, script.workflow.pk).whole().filter(created__gte=span.since, created__lt=span.until)
    )
    return events.order_by("-created", "-pk")


def _counted(script: Script, plan: Plan, span: Span) -> BackTest:
    events = _events(script, plan, span).order_by()
    emptied = events.filter(pruned_at__isnull=False).count()
    return BackTest(span, events.count() - emptied, emptied, _out_of_scope(script, plan, span))


def _out_of_scope(script: Script, plan: Plan, span: Span) -> int:
    others = of_types(plan.trigger, script.workflow.pk).exclude(within(plan.scope))
    return others.filter(created__gte=span.since, created__lt=span.until).count()


def _batches(events: QuerySet[Event], most: int) -> Iterator[list[Event]]:
    """The newest events that have their payload, by key and not by offset, so that none is seen twice."""
    rows, left = events.filter(pruned_at__isnull=True), most
    while left > 0:
        batch = list(rows[: min(_BATCH, left)])
        yield batch
        if len(batch) < min(_BATCH, left):
            return
        left -= len(batch)
        last = batch[-1]
        # The same bound twice: an index can use the first one.
        rows = events.filter(pruned_at__isnull=True, created__lte=last.created).filter(
            Q(created__lt=last.created) | Q(pk__lt=last.pk)
        )
