"""Starts a workflow on demand many times: one run for each line of a table, after a preview.

Each line has a key of its own, made of the bulk's and the line's number. So a bulk that is sent again starts
only what it has not started yet.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from stripeflow.actions import money
from stripeflow.actions.problems import Problem
from stripeflow.workflows.access.setting_off import Operation, check
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.definition.on_demand.kinds import Declared
from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.definition.validation import moves_money
from stripeflow.workflows.models import Run, Workflow, WorkflowVersion
from stripeflow.workflows.operations.asking import (
    KEY,
    Asked,
    OtherVersion,
    WrongInputs,
    held_of,
    inputs_of,
    is_timed,
    side_of_asked,
)
from stripeflow.workflows.operations.earlier import Found, Invoked, find, found_again
from stripeflow.workflows.operations.invoking import active_version_of, invoke, invoke_together
from stripeflow.workflows.operations.table import MAX_LINES, Row

logger = logging.getLogger(__name__)

# Of a bulk's key: the line's number comes after it.
MAX_KEY = 180
# Lines that start by one transaction. More would gain little, and keep SQLite's one writer from the webhooks.
TOGETHER = 10


class NotConfirmed(NotPossible):
    """What moves money needs the sum, typed again."""


class HasProblems(NotPossible):
    """Some lines cannot be used; nothing was started."""


class State(StrEnum):
    """What has become of a line so far."""

    NEW = "new"
    STARTED = "started"
    WRONG = "wrong"


@dataclass(frozen=True)
class Line:
    """One line of a bulk, and what it has started before, if anything."""

    row: Row
    state: State
    found: Found | None = None

    @property
    def run(self) -> Run | None:
        """The run that it has started before."""
        return self.found.run if self.found else None

    @property
    def words(self) -> list[str]:
        """What it holds, for people; an amount in major units."""
        return [_words(value) for value in self.row.values.values()]


@dataclass(frozen=True)
class Sum:
    """What the new lines hold of one input that is an amount, in minor units of one currency."""

    label: str
    currency: str
    amount: int

    @property
    def text(self) -> str:
        """For people: "$1,048.50 USD"."""
        return money.format_minor(self.amount, self.currency)


@dataclass(frozen=True)
class Bulk:
    """What would start. `confirmation` is what has to be typed where money moves; else ""."""

    version: WorkflowVersion
    key: str
    lines: tuple[Line, ...]
    sums: tuple[Sum, ...]
    confirmation: str

    @property
    def new(self) -> tuple[Line, ...]:
        """Those that would start a run."""
        return tuple(one for one in self.lines if one.state is State.NEW)

    @property
    def wrong(self) -> tuple[Line, ...]:
        """Those that cannot be used."""
        return tuple(one for one in self.lines if one.state is State.WRONG)


@dataclass(frozen=True)
class Done:
    """What became of one line: its run, or why there is none."""

    number: int
    run: Run | None
    is_new: bool = False
    code: str = ""
    reason: str = ""


def preview(workflow: Workflow, rows: Sequence[Row], asked: Asked) -> Bulk:
    """What the lines would start. Starts nothing; a constant number of queries. Raises `NotPossible`.

    Of `asked`, the key is the bulk's; mode, account and version count for all lines.
    """
    version = active_version_of(workflow)
    declared = _declared(version)
    if not asked.saw(version):
        raise OtherVersion(version)
    if not KEY.fullmatch(asked.key) or len(asked.key) > MAX_KEY:
        raise NotPossible(_("A key has 1 to 180 letters, digits and signs, and no spaces."))
    if len(rows) > MAX_LINES:
        raise NotPossible(_("At most %d runs can be started at once.") % MAX_LINES)
    side_of_asked(scope_of(version.document["trigger"]), asked)
    found = find(workflow, asked, [key_of(asked.key, row) for row in rows])
    lines = tuple(_line(row, found.get(key_of(asked.key, row))) for row in _judged(declared, rows))
    sums = _sums(declared, lines)
    new = sum(one.state is State.NEW for one in lines)
    return Bulk(version, asked.key, lines, sums, _confirmation(version, sums, new))


def start(workflow: Workflow, rows: Sequence[Row], asked: Asked, act: Act, *, typed: str = "") -> list[Done]:
    """Start the lines that have not started yet, in their order, a few by each transaction.

    Nothing starts if a line has a problem. Raises `NotPossible`, also as `HasProblems`, `OtherVersion` and
    `NotConfirmed`, and `PermissionDenied`; once a run has started, the rest is told line by line.
    """
    check(act.user, Operation.START, [active_version_of(workflow).document])
    bulk = preview(workflow, rows, asked)
    if bulk.wrong:
        message = _("No run was started: some lines have problems, beginning with line %d.")
        raise HasProblems(message % bulk.wrong[0].row.number)
    if bulk.new and bulk.confirmation and _plain(typed) != _plain(bulk.confirmation):
        message = _("This workflow moves money. To start %(number)d runs, type “%(sum)s”.")
        raise NotConfirmed(message % {"number": len(bulk.new), "sum": bulk.confirmation})
    seen = replace(asked, version=bulk.version.number)
    done: list[Done] = []
    for part in _parts(bulk.lines):
        done += _start(workflow, part, seen, act, is_first=not done)
    started = sum(one.is_new for one in done)
    logger.info("workflows.bulk.started", extra={"workflow": workflow.pk, "started": started})
    return done


def key_of(bulk: str, row: Row) -> str:
    """The key of one line."""
    return f"{bulk}#{row.number}"


def _declared(version: WorkflowVersion) -> tuple[Declared, ...]:
    declared = inputs_of(version)
    if is_timed(version) or not declared:
        raise NotPossible(
            _("“%s” asks for no inputs, so it cannot be started from a table.") % version.workflow
        )
    return declared


def _judged(declared: Sequence[Declared], rows: Sequence[Row]) -> list[Row]:
    """Each with all of its problems. A line that says the same as an earlier one is one."""
    seen: dict[str, int] = {}
    found = []
    for row in rows:
        problems = list(row.problems)
        try:
            held_of(tuple(declared), row.values)
        except WrongInputs as error:
            known = {one.path for one in problems}
            problems += [one for one in error.problems if one.path not in known]
        same = seen.setdefault(json.dumps(row.values, sort_keys=True, default=str), row.number)
        if same != row.number and not problems:
            problems.append(Problem("", "repeated", _("The line says the same as line %d.") % same))
        found.append(replace(row, problems=tuple(problems)))
    return found


def _line(row: Row, found: Found | None) -> Line:
    if found:
        return Line(row, State.STARTED, found)
    return Line(row, State.WRONG if row.problems else State.NEW)


def _sums(declared: Sequence[Declared], lines: Sequence[Line]) -> tuple[Sum, ...]:
    found: Counter[tuple[str, str]] = Counter()
    labels = {one.name: one.label for one in declared if one.kind == "amount"}
    for line in lines:
        if line.state is State.NEW:
            for name in labels.keys() & line.row.values.keys():
                value = line.row.values[name]
                found[name, value["currency"].lower()] += value["amount"]
    return tuple(Sum(labels[name], currency, amount) for (name, currency), amount in sorted(found.items()))


def _confirmation(version: WorkflowVersion, sums: Sequence[Sum], new: int) -> str:
    """The sum of each currency in plain digits; without an amount, how many runs start."""
    if not moves_money(version.document):
        return ""
    totals: Counter[str] = Counter()
    for one in sums:
        totals[one.currency] += one.amount
    parts = [_in_digits(amount, currency) for currency, amount in sorted(totals.items())]
    return ", ".join(parts) if parts else str(new)


def _in_digits(amount: int, currency: str) -> str:
    digits = money.minor_digits(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    fraction = f".{rest:0{digits}}" if digits else ""
    return f"{'-' if amount < 0 else ''}{whole}{fraction} {currency.upper()}"


def _words(value: object) -> str:
    match value:
        case {"amount": int(amount), "currency": str(currency)}:
            return money.format_minor(amount, currency)
        case bool():
            return _("Yes") if value else _("No")
    return str(value)


def _plain(text: str) -> str:
    return "".join(money.plain(text).split()).casefold()


def _parts(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """The lines in their order: those that have started, and apart from them a few new ones at a time."""
    for _has_started, same in groupby(lines, key=lambda line: line.found is not None):
        left = list(same)
        while left:
            yield left[:TOGETHER]
            del left[:TOGETHER]


def _start(workflow: Workflow, part: Sequence[Line], asked: Asked, act: Act, *, is_first: bool) -> list[Done]:
    """What became of lines that are all new, or have all started before."""
    each = [replace(asked, values=one.row.values, key=key_of(asked.key, one.row)) for one in part]
    if part[0].state is State.NEW:
        try:
            together = invoke_together(workflow, each, act)
        except PermissionDenied as error:
            # Who may not do this by now gets no second try.
            if is_first:
                raise
            return [_not_started(line.row, error) for line in part]
        except NotPossible:
            # None has started. Each for itself, it is known which of them cannot.
            pass
        else:
            return [_done(line.row, one) for line, one in zip(part, together, strict=True)]
    done: list[Done] = []
    for line, of_line in zip(part, each, strict=True):
        try:
            done.append(_done(line.row, _one(workflow, line, of_line, act)))
        except (NotPossible, PermissionDenied) as error:
            if is_first and not done:
                raise
            done.append(_not_started(line.row, error))
    return done


def _one(workflow: Workflow, line: Line, asked: Asked, act: Act) -> Invoked:
    """Only a new line may start: what had started before was not in the sum that was confirmed."""
    if line.found:
        return found_again(line.found, workflow, asked, act)
    return invoke(workflow, asked, act)


def _not_started(row: Row, error: Exception) -> Done:
    return Done(row.number, None, code="not_started", reason=str(error))


def _done(row: Row, invoked: Invoked) -> Done:
    return Done(row.number, invoked.run, invoked.accepted.created, invoked.code, invoked.reason)
