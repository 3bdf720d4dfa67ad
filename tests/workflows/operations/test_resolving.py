"""Many unknown outcomes at once, and which of them need what their step gave."""

from uuid import UUID

import pytest

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations.resolving import (
    mark_of,
    read_mark,
    refers_to,
    resolve_each,
    unknown_steps,
)
from stripeflow.workflows.operations.verbs import Outcome
from tests.workflows import waiting_runs as states
from tests.workflows.documents import action, branch, compare, document, failing, group, way

pytestmark = pytest.mark.django_db

ALONE = action("one", "test.ask", text="a")
USER = action("two", text="{{ steps.one.text }}")


@pytest.fixture
def make_run(start):
    return lambda *steps, executed: start(*steps)


@pytest.fixture
def unknown(make_run, recorder):
    return lambda *steps: states.unknown(make_run, recorder, *steps)


def codes(runs, outcome, **options):
    seen = {run.pk: run.revision for run in runs}
    return [one.code for one in resolve_each(seen, outcome, Act(), **options)]


def statuses(runs):
    return [Run.objects.get(pk=run.pk).status for run in runs]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (action("two", text="{{ steps.one.text }}"), True),
        (action("two", text='{{ steps["one"].text }}'), True),
        (action("two", text="{{ steps.one.error.message }}"), True),
        (action("two", text="{{ steps.one_more.text }}"), False),
        (action("two", text="{{ trigger.id }} of one"), False),
        (branch("two", way("a", group(compare("steps.one.text", "equals", "a")))), True),
        (branch("two", way("a", group(), action("three", text="{{ steps.one.text }}"))), True),
        (branch("two", way("a", group(), action("three", text="{{ steps.two.text }}"))), False),
    ],
)
def test_finds_whoever_needs_what_a_step_gave(step, expected):
    assert refers_to(document(ALONE, step), "one") is expected


def test_steps_named_like_parts_of_the_document_need_nothing():
    assert not refers_to(document(action("key", text="a"), action("steps", text="b")), "key")


def test_what_happened_goes_on_where_nobody_needs_its_outputs(unknown):
    alone, needed = unknown(ALONE), unknown(ALONE, USER)
    assert codes([alone, needed], Outcome.HAPPENED) == ["", "needs_outputs"]
    assert statuses([alone, needed]) == ["queued", "outcome_unknown"]
    assert needed.operations.count() == 0


def test_with_outputs_they_all_go_on(unknown):
    runs = [unknown(ALONE, USER), unknown(ALONE, USER)]
    assert codes(runs, Outcome.HAPPENED, outputs={"text": "b"}) == ["", ""]
    assert statuses(runs) == ["queued", "queued"]


@pytest.mark.parametrize("outcome", [Outcome.AGAIN, Outcome.DID_NOT_HAPPEN])
def test_what_is_done_again_or_did_not_happen_needs_no_outputs(unknown, outcome):
    runs = [unknown(ALONE), unknown(ALONE, USER)]
    assert codes(runs, outcome) == ["", ""]
    assert [run.operations.get().kind for run in runs] == [outcome, outcome]


def test_each_run_has_a_result_of_its_own(unknown, start):
    known, doubt = start(ALONE), unknown(ALONE)
    seen = {known.pk: known.revision, UUID(int=1): 1, doubt.pk: doubt.revision}
    found = list(resolve_each(seen, Outcome.AGAIN, Act()))
    assert [(one.id, one.code) for one in found] == [
        (known.pk, "not_allowed"),
        (UUID(int=1), "not_found"),
        (doubt.pk, ""),
    ]


def test_what_is_not_as_it_was_seen_is_left_and_the_others_are_resolved(unknown):
    old, new = unknown(ALONE), unknown(ALONE)
    codes([old], Outcome.AGAIN)
    execute(old.pk)
    states.lose_answer(Run.objects.get(pk=old.pk), "one")
    assert codes([old, new], Outcome.DID_NOT_HAPPEN) == ["revision_conflict", ""]
    assert [one.operations.count() for one in (old, new)] == [1, 1]


def test_a_mark_is_read_as_it_was_written(unknown):
    run = unknown(ALONE)
    assert read_mark(mark_of(run)) == (run.pk, run.revision)


@pytest.mark.parametrize("text", ["", ":", "1:1", f"{UUID(int=1)}", f"{UUID(int=1)}:", f"{UUID(int=1)}:a"])
def test_what_is_no_mark_is_not_read(text):
    with pytest.raises(ValueError, match=r"."):
        read_mark(text)


def test_a_step_that_was_done_again_is_not_unknown_any_more(unknown):
    run = unknown(ALONE)
    assert list(unknown_steps([run.pk])) == [run.pk]
    codes([run], Outcome.AGAIN)
    assert unknown_steps([run.pk]) == {}


def test_its_own_error_branch_does_not_need_what_a_step_gave():
    error = failing(action("one", text="a"), action("two", text="{{ steps.one.error.message }}"))
    assert not refers_to(document(error), "one")
    assert refers_to(document(error, action("three", text="{{ steps.one.text }}")), "one")
    inside = failing(action("zero", text="a"), action("one"), action("two", text="{{ steps.one.text }}"))
    assert refers_to(document(inside), "one")
