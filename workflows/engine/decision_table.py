"""What follows from an attempt at a step: one table, which has exactly one row for each case. Pure.

`docs/guarantees.md` prints it, and a test walks every case. `attempt_case` finds the case; `recording` writes
what follows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from stripeflow.actions.repeat import Repeat


class Result(StrEnum):
    """How an attempt ended, what a look-up said, or what an earlier attempt left behind."""

    # Of a call.
    DONE = "done"
    NOT_RESERVED = "not_reserved"
    REFUSED = "refused"
    REFUSED_UNREAD = "refused_unread"
    ACCOUNT_GONE = "account_gone"
    NO_ACCESS = "no_access"
    DELAYED = "delayed"
    THROTTLED = "throttled"
    NO_ANSWER = "no_answer"
    KEY_SPENT = "key_spent"
    NOT_INSTALLED = "not_installed"
    # Of a look-up.
    FOUND = "found"
    NOT_FOUND = "not_found"
    NOT_FOUND_KEY_MISUSED = "not_found_key_misused"
    UNCLEAR = "unclear"
    LOOK_UP_DELAYED = "look_up_delayed"
    LOOK_UP_NO_ACCESS = "look_up_no_access"
    # Of an earlier attempt, once a worker comes to its step again.
    WAITED = "waited"
    INTERRUPTED = "interrupted"
    UNRESOLVED = "unresolved"


class Age(StrEnum):
    """Whether Stripe may have forgotten the idempotency key."""

    FRESH = "fresh"
    OLD = "old"


class Record(StrEnum):
    """What the step's row says of the attempts before this one."""

    CLEAN = "clean"
    OPEN = "open"
    LOOK_UP_DUE = "look_up_due"


class Tries(StrEnum):
    """Whether there may be one more attempt."""

    LEFT = "left"
    EXHAUSTED = "exhausted"


class Then(StrEnum):
    """What follows."""

    SUCCEED = "succeed"
    FAIL = "fail"
    RETRY = "retry"
    LOOK_UP = "look_up"
    NEXT_KEY = "next_key"
    ASK = "ask"
    HOLD = "hold"


class Case(NamedTuple):
    """Everything that the decision depends on."""

    result: Result
    repeat: Repeat
    age: Age
    record: Record
    tries: Tries


@dataclass(frozen=True)
class Row:
    """One row of the table. A part that is left out matches any value."""

    results: tuple[Result, ...]
    then: Then
    repeats: tuple[Repeat, ...] = tuple(Repeat)
    ages: tuple[Age, ...] = tuple(Age)
    records: tuple[Record, ...] = tuple(Record)
    tries: tuple[Tries, ...] = tuple(Tries)

    def cases(self) -> Iterator[Case]:
        """The cases that this row covers."""
        parts = (self.results, self.repeats, self.ages, self.records, self.tries)
        return (Case(*case) for case in product(*parts))


@dataclass(frozen=True)
class Decision:
    """What follows from an attempt.

    `due`: when the next attempt is. `may_have_acted`: whether an attempt up to now may have had its effect
    without a recorded outcome.
    """

    then: Then
    due: datetime | None = None
    may_have_acted: bool = False


_R, _T = Result, Then
_KEYED, _SAFE, _ASK = ((repeat,) for repeat in (Repeat.KEYED, Repeat.SAFE, Repeat.ASK))
_NOT_ASK, _NOT_KEYED = _KEYED + _SAFE, _SAFE + _ASK
_FRESH, _OLD = (Age.FRESH,), (Age.OLD,)
_CLEAN, _OPEN, _DUE = (Record.CLEAN,), (Record.OPEN,), (Record.LOOK_UP_DUE,)
_NOT_CLEAN, _NOT_DUE = _OPEN + _DUE, _CLEAN + _OPEN
_LEFT, _EXHAUSTED = (Tries.LEFT,), (Tries.EXHAUSTED,)

# After these the call may have had its effect, unless the action only reads.
_NO_OUTCOME = (_R.NO_ANSWER, _R.KEY_SPENT, _R.INTERRUPTED)

TABLE = (
    Row((_R.DONE, _R.FOUND), _T.SUCCEED),
    Row((_R.NOT_RESERVED, _R.UNRESOLVED), _T.ASK),
    Row((_R.NO_ACCESS, _R.LOOK_UP_NO_ACCESS), _T.HOLD),
    # The call did nothing. That answers earlier attempts too, but only if the receiver read the key.
    Row((_R.REFUSED,), _T.FAIL, repeats=_KEYED),
    Row((_R.REFUSED,), _T.FAIL, repeats=_NOT_KEYED, records=_CLEAN),
    Row((_R.REFUSED,), _T.ASK, repeats=_NOT_KEYED, records=_NOT_CLEAN),
    Row((_R.REFUSED_UNREAD, _R.ACCOUNT_GONE, _R.NOT_INSTALLED), _T.FAIL, records=_CLEAN),
    Row((_R.REFUSED_UNREAD, _R.ACCOUNT_GONE, _R.NOT_INSTALLED), _T.ASK, records=_NOT_CLEAN),
    Row((_R.THROTTLED,), _T.RETRY, records=_CLEAN),
    Row((_R.THROTTLED,), _T.RETRY, repeats=_NOT_ASK, records=_NOT_CLEAN),
    Row((_R.DELAYED,), _T.RETRY, records=_CLEAN, tries=_LEFT),
    Row((_R.DELAYED,), _T.RETRY, repeats=_NOT_ASK, records=_NOT_CLEAN, tries=_LEFT),
    Row((_R.THROTTLED, _R.DELAYED), _T.ASK, repeats=_ASK, records=_NOT_CLEAN),
    Row((_R.DELAYED,), _T.FAIL, records=_CLEAN, tries=_EXHAUSTED),
    Row((_R.DELAYED,), _T.ASK, repeats=_NOT_ASK, records=_NOT_CLEAN, tries=_EXHAUSTED),
    # The call may have had its effect.
    Row(_NO_OUTCOME, _T.ASK, repeats=_ASK),
    Row((_R.NO_ANSWER,), _T.RETRY, repeats=_NOT_ASK, tries=_LEFT),
    Row((_R.KEY_SPENT,), _T.RETRY, repeats=_SAFE, tries=_LEFT),
    Row((_R.NO_ANSWER, _R.INTERRUPTED), _T.ASK, repeats=_KEYED, tries=_EXHAUSTED),
    Row((_R.KEY_SPENT,), _T.LOOK_UP, repeats=_KEYED),
    # It only reads, so only earlier attempts are in doubt.
    Row(_NO_OUTCOME, _T.FAIL, repeats=_SAFE, records=_CLEAN, tries=_EXHAUSTED),
    Row(_NO_OUTCOME, _T.ASK, repeats=_SAFE, records=_NOT_CLEAN, tries=_EXHAUSTED),
    # A worker comes back to the step.
    Row((_R.INTERRUPTED,), _T.RETRY, repeats=_NOT_ASK, ages=_FRESH, records=_NOT_DUE, tries=_LEFT),
    Row((_R.INTERRUPTED,), _T.RETRY, repeats=_SAFE, ages=_OLD, records=_CLEAN, tries=_LEFT),
    Row((_R.INTERRUPTED,), _T.LOOK_UP, repeats=_SAFE, ages=_OLD, records=_OPEN, tries=_LEFT),
    Row((_R.INTERRUPTED,), _T.LOOK_UP, repeats=_KEYED, ages=_OLD, records=_NOT_DUE, tries=_LEFT),
    Row((_R.INTERRUPTED,), _T.LOOK_UP, repeats=_NOT_ASK, records=_DUE, tries=_LEFT),
    Row((_R.WAITED,), _T.RETRY, records=_CLEAN),
    Row((_R.WAITED,), _T.RETRY, repeats=_NOT_ASK, ages=_FRESH, records=_OPEN),
    Row((_R.WAITED,), _T.LOOK_UP, repeats=_NOT_ASK, ages=_OLD, records=_OPEN),
    Row((_R.WAITED,), _T.ASK, repeats=_ASK, records=_OPEN),
    Row((_R.WAITED,), _T.LOOK_UP, records=_DUE),
    # A call was looked up.
    Row((_R.NOT_FOUND,), _T.NEXT_KEY, tries=_LEFT),
    Row((_R.LOOK_UP_DELAYED,), _T.RETRY, tries=_LEFT),
    Row((_R.NOT_FOUND, _R.LOOK_UP_DELAYED), _T.ASK, tries=_EXHAUSTED),
    Row((_R.NOT_FOUND_KEY_MISUSED, _R.UNCLEAR), _T.ASK),
)

_THEN = {case: row.then for row in TABLE for case in row.cases()}


def decide(
    result: Result, *, repeat: Repeat, age: Age, record: Record, due: datetime | None = None
) -> Decision:
    """What follows. `due` is when there may be one more attempt, None if there may not."""
    tries = Tries.LEFT if due else Tries.EXHAUSTED
    then = _THEN[Case(result, repeat, age, record, tries)]
    acted = record is not Record.CLEAN or (result in _NO_OUTCOME and repeat is not Repeat.SAFE)
    return Decision(then, due if then is Then.RETRY else None, may_have_acted=acted or then is Then.ASK)
