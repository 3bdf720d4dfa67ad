"""What the page of a run says of steps that have no row."""

import pytest

from stripeflow.actions.errors import PermanentError, TransientError
from stripeflow.workflows.history.page import RunPage
from tests.workflows.documents import action, failing

pytestmark = pytest.mark.django_db

GONE, BUSY = PermanentError("Gone."), TransientError("Busy.")


def statuses(run):
    """The status of each card by its step's key, those of ways that were taken too."""
    page = RunPage(run, payloads=True)

    return {card.key: card.details.status for card in page.outline.all() if card.details}, page.was_handled


def test_behind_an_error_branch_that_was_taken_only_what_is_inside_of_it_is_to_come(finish, recorder):
    recorder.then(GONE, BUSY)
    run = finish(failing(action("one"), action("inside"), action("last")), action("behind"))
    assert statuses(run) == (
        {"one": "failed", "inside": "waiting", "last": "to_come", "behind": "not_reached"},
        True,
    )


def test_the_same_for_an_error_branch_within_one(finish, recorder):
    recorder.then(GONE, GONE, BUSY)
    inner = failing(action("two"), action("inside"), action("last"))
    run = finish(failing(action("one"), inner, action("outer")), action("behind"))
    found, _handled = statuses(run)
    assert found == {
        "one": "failed",
        "two": "failed",
        "inside": "waiting",
        "last": "to_come",
        "outer": "not_reached",
        "behind": "not_reached",
    }


def test_all_is_to_come_behind_a_step_that_waits(finish, recorder):
    recorder.then(BUSY)
    run = finish(failing(action("one"), action("inside")), action("behind"))
    assert statuses(run) == ({"one": "waiting", "behind": "to_come"}, False)


def test_behind_a_failure_that_does_not_matter_all_is_to_come(finish, recorder):
    recorder.then(GONE, BUSY)
    run = finish({**action("one"), "on_error": "continue"}, action("two"), action("behind"))
    assert statuses(run) == ({"one": "failed", "two": "waiting", "behind": "to_come"}, False)
