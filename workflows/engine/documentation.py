"""The table of docs/guarantees.md: `python -m stripeflow.workflows.engine.documentation`."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TypeVar

from stripeflow.actions.repeat import Repeat
from stripeflow.workflows.engine.decision_table import TABLE, Age, Record, Result, Row, Then, Tries
from stripeflow.workflows.references.documentation import DOCS, table, without_settings, write_section

PAGE = DOCS / "guarantees.md"

RESULTS = {
    Result.DONE: "it worked",
    Result.NOT_RESERVED: "it worked, and moved money past a limit without reserving it",
    Result.REFUSED: "refused for good",
    Result.REFUSED_UNREAD: "refused before the receiver looked at the key",
    Result.ACCOUNT_GONE: "refused for the account, which the run itself says has disconnected us",
    Result.NO_ACCESS: "our Stripe key was refused, or there is none",
    Result.DELAYED: "it did nothing, and may work later",
    Result.THROTTLED: "we held the call back ourselves",
    Result.NO_ANSWER: "no answer",
    Result.KEY_SPENT: "the idempotency key can tell nothing more",
    Result.NOT_INSTALLED: "the action is not installed on this worker",
    Result.FOUND: "looked up: found",
    Result.NOT_FOUND: "looked up: not found",
    Result.NOT_FOUND_KEY_MISUSED: "looked up: not found, and the key was used with other parameters",
    Result.UNCLEAR: "looked up: nobody can tell",
    Result.LOOK_UP_DELAYED: "looked up: no answer",
    Result.LOOK_UP_NO_ACCESS: "looked up: our Stripe key was refused, or there is none",
    Result.WAITED: "it waited, and its time has come",
    Result.INTERRUPTED: "its worker ended while it was under way",
    Result.UNRESOLVED: "its outcome is unknown, and nobody has said it yet",
}
REPEATS = {
    Repeat.KEYED: "*keyed*",
    Repeat.SAFE: "*safe*",
    Repeat.ASK: "*ask*",
}
AGES = {Age.FRESH: "up to 23 hours", Age.OLD: "more than 23 hours"}
RECORDS = {
    Record.CLEAN: "they did nothing",
    Record.OPEN: "one may have acted",
    Record.LOOK_UP_DUE: "a look-up is due",
}
TRIES = {Tries.LEFT: "yes", Tries.EXHAUSTED: "no"}
WHAT_FOLLOWS = {
    Then.SUCCEED: "the step succeeds",
    Then.FAIL: "the step fails",
    Then.RETRY: "the same again, with the same key",
    Then.LOOK_UP: "it is looked up",
    Then.NEXT_KEY: "the same inputs with the next key",
    Then.ASK: "outcome unknown: a person is asked",
    Then.HOLD: "the run is held, and the workflow paused for this account and mode",
}

Word = TypeVar("Word", bound=StrEnum)


def decision_table() -> str:
    """Every row of the table: the cases in words, and what follows."""
    head = (
        "What happened",
        "The action is",
        "Age of the key",
        "Attempts before",
        "May be tried again",
        "What follows",
    )
    return table(head, map(_cells, TABLE))


def _cells(row: Row) -> tuple[str, ...]:
    return (
        _words(row.results, RESULTS),
        _words(row.repeats, REPEATS),
        _words(row.ages, AGES),
        _words(row.records, RECORDS),
        _words(row.tries, TRIES),
        WHAT_FOLLOWS[row.then],
    )


def _words(chosen: Collection[Word], words: Mapping[Word, str]) -> str:
    """The words of those that were chosen; empty if it may be any."""
    return "" if set(chosen) == set(words) else "; or ".join(words[one] for one in chosen)


if __name__ == "__main__":
    without_settings()
    write_section(PAGE, "what follows", decision_table())
