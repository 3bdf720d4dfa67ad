"""What follows from an attempt: every case once, and the ones that touch money as they are written here."""

from collections import Counter
from datetime import UTC, datetime
from itertools import product

import pytest

from stripeflow.actions.repeat import Repeat
from stripeflow.workflows.engine.decision_table import TABLE, Age, Case, Record, Result, Then, Tries, decide

SOON = datetime(2026, 1, 1, tzinfo=UTC)
CASES = [Case(*case) for case in product(Result, Repeat, Age, Record, Tries)]
KEYED, SAFE, ASK = Repeat.KEYED, Repeat.SAFE, Repeat.ASK
FRESH, OLD = Age
CLEAN, OPEN, LOOK_UP_DUE = Record
# Of a call that was made now, or before, and of which nothing is known.
WITHOUT_OUTCOME = {Result.NO_ANSWER, Result.KEY_SPENT, Result.INTERRUPTED}


def decided(case):
    due = SOON if case.tries is Tries.LEFT else None
    return decide(case.result, repeat=case.repeat, age=case.age, record=case.record, due=due)


def may_have_acted(case):
    """Whether the call of this step may have had its effect, as far as anybody knows."""
    return case.record is not CLEAN or (case.result in WITHOUT_OUTCOME and case.repeat is not SAFE)


def test_every_case_has_exactly_one_row():
    rows = Counter(case for row in TABLE for case in row.cases())
    assert rows == Counter(CASES)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{'/'.join(row.results)} -> {row.then}")
def test_every_row_says_what_follows_in_its_cases(row):
    assert {decided(case).then for case in row.cases()} == {row.then}


@pytest.mark.parametrize("then", Then)
def test_everything_that_may_follow_does(then):
    assert any(row.then is then for row in TABLE)


# A call that moves money has a key. Here is all that may follow from one, in words that nobody derives.
@pytest.mark.parametrize(
    ("result", "age", "record", "tries", "then"),
    [
        # It has an answer.
        ("done", "fresh", "clean", "left", "succeed"),
        ("done", "fresh", "open", "exhausted", "succeed"),
        ("not_reserved", "fresh", "clean", "left", "ask"),
        ("refused", "fresh", "clean", "left", "fail"),
        ("refused", "fresh", "open", "left", "fail"),
        ("refused_unread", "fresh", "clean", "left", "fail"),
        ("refused_unread", "fresh", "open", "left", "ask"),
        ("account_gone", "fresh", "clean", "left", "fail"),
        ("account_gone", "fresh", "open", "left", "ask"),
        ("no_access", "fresh", "clean", "left", "hold"),
        ("no_access", "fresh", "open", "left", "hold"),
        # It did nothing this time.
        ("delayed", "fresh", "clean", "left", "retry"),
        ("delayed", "fresh", "open", "left", "retry"),
        ("delayed", "fresh", "clean", "exhausted", "fail"),
        ("delayed", "fresh", "open", "exhausted", "ask"),
        ("throttled", "fresh", "clean", "left", "retry"),
        ("throttled", "fresh", "open", "left", "retry"),
        # Nobody knows what it did.
        ("no_answer", "fresh", "clean", "left", "retry"),
        ("no_answer", "fresh", "clean", "exhausted", "ask"),
        ("no_answer", "fresh", "open", "left", "retry"),
        ("no_answer", "fresh", "open", "exhausted", "ask"),
        ("key_spent", "fresh", "clean", "left", "look_up"),
        ("key_spent", "fresh", "open", "exhausted", "look_up"),
        ("interrupted", "fresh", "clean", "left", "retry"),
        ("interrupted", "fresh", "open", "left", "retry"),
        ("interrupted", "old", "clean", "left", "look_up"),
        ("interrupted", "old", "open", "left", "look_up"),
        ("interrupted", "fresh", "look_up_due", "left", "look_up"),
        ("interrupted", "fresh", "clean", "exhausted", "ask"),
        ("interrupted", "old", "look_up_due", "exhausted", "ask"),
        # It waited.
        ("waited", "fresh", "clean", "left", "retry"),
        ("waited", "old", "clean", "left", "retry"),
        ("waited", "fresh", "open", "left", "retry"),
        ("waited", "old", "open", "left", "look_up"),
        ("waited", "fresh", "look_up_due", "left", "look_up"),
        ("unresolved", "fresh", "open", "left", "ask"),
        ("not_installed", "fresh", "clean", "left", "fail"),
        ("not_installed", "fresh", "open", "left", "ask"),
        # It was looked up.
        ("found", "old", "look_up_due", "left", "succeed"),
        ("found", "fresh", "clean", "left", "succeed"),
        ("not_found", "old", "look_up_due", "left", "next_key"),
        ("not_found", "old", "look_up_due", "exhausted", "ask"),
        ("not_found_key_misused", "fresh", "look_up_due", "left", "ask"),
        ("unclear", "old", "look_up_due", "left", "ask"),
        ("look_up_delayed", "old", "look_up_due", "left", "retry"),
        ("look_up_delayed", "old", "look_up_due", "exhausted", "ask"),
        ("look_up_no_access", "old", "look_up_due", "left", "hold"),
    ],
)
def test_a_call_that_moves_money(result, age, record, tries, then):
    case = Case(Result(result), KEYED, Age(age), Record(record), Tries(tries))
    assert decided(case).then == then


@pytest.mark.parametrize(
    ("result", "record", "tries", "then"),
    [
        ("done", "clean", "left", "succeed"),
        ("refused", "clean", "left", "fail"),
        ("delayed", "clean", "left", "retry"),
        ("no_answer", "clean", "left", "ask"),
        ("key_spent", "clean", "left", "ask"),
        ("interrupted", "clean", "left", "ask"),
        ("interrupted", "clean", "exhausted", "ask"),
        ("waited", "clean", "left", "retry"),
        ("waited", "open", "left", "ask"),
        ("waited", "look_up_due", "left", "look_up"),
    ],
)
@pytest.mark.parametrize("age", Age)
def test_a_call_that_is_never_repeated_in_doubt(age, result, record, tries, then):
    case = Case(Result(result), ASK, age, Record(record), Tries(tries))
    assert decided(case).then == then


def test_nothing_is_called_done_of_which_nobody_knows():
    unknown = [case for case in CASES if case.result in WITHOUT_OUTCOME]
    assert Then.SUCCEED not in {decided(case).then for case in unknown}


def test_nothing_is_called_failed_of_which_nobody_knows():
    unknown = [case for case in CASES if case.result in WITHOUT_OUTCOME and may_have_acted(case)]
    assert Then.FAIL not in {decided(case).then for case in unknown}


def test_no_key_that_may_be_forgotten_is_used_again_in_doubt():
    coming_again = {Result.INTERRUPTED, Result.WAITED}
    old = [case for case in CASES if case.age is OLD and case.result in coming_again and may_have_acted(case)]
    assert {decided(case).then for case in old} <= {Then.LOOK_UP, Then.ASK}


def test_the_next_key_comes_only_once_a_look_up_has_not_found_the_call():
    assert {case.result for case in CASES if decided(case).then is Then.NEXT_KEY} == {Result.NOT_FOUND}


def test_what_would_happen_twice_is_never_sent_in_doubt():
    sent = {Then.RETRY, Then.NEXT_KEY}
    doubtful = [case for case in CASES if case.repeat is ASK and may_have_acted(case)]
    # Of these the first asks again, which only reads, and the second has the look-up's word.
    assert {case.result for case in doubtful if decided(case).then in sent} == {
        Result.LOOK_UP_DELAYED,
        Result.NOT_FOUND,
    }


def test_only_the_answer_to_a_key_counts_for_an_earlier_call():
    failed = [case for case in CASES if case.record is not CLEAN and decided(case).then is Then.FAIL]
    assert {(case.result, case.repeat) for case in failed} == {(Result.REFUSED, KEYED)}


def test_what_may_be_tried_no_more_is_not_tried():
    repeated = {
        case.result for case in CASES if decided(case).then is Then.RETRY and decided(case).due is None
    }
    # A call that we held back ourselves is no try; one that has waited was counted when it began to wait.
    assert repeated == {Result.THROTTLED, Result.WAITED}


def test_a_doubt_is_never_forgotten():
    assert [case for case in CASES if may_have_acted(case) and not decided(case).may_have_acted] == []


def test_a_doubt_is_never_made_up_unless_a_person_is_asked():
    made_up = [case for case in CASES if decided(case).may_have_acted and not may_have_acted(case)]
    assert {decided(case).then for case in made_up} == {Then.ASK}


def test_the_time_of_the_next_try_is_that_which_was_asked_for():
    case = Case(Result.DELAYED, KEYED, FRESH, CLEAN, Tries.LEFT)
    assert decided(case).due == SOON
