"""An unknown condition never passes a branch whose wait might have held back what follows."""

import pytest

from stripeflow.workflows.definition.choices import IfUndecided
from stripeflow.workflows.definition.undecided import rules_of
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.display.words import undecided_words
from stripeflow.workflows.states import RunStatus
from tests.workflows.blocks.test_stop import LARGE
from tests.workflows.blocks.waits.steps import wait, wait_until
from tests.workflows.documents import action, branch, document, failing, way
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

WAITS = [
    wait(),
    wait_until(),
    failing(action("risky", text="a"), wait()),
    branch("c", way("d", LARGE, wait())),
]
# Its currency is not the one that the condition asks for.
IN_DOUBT = payment(5_000, "eur")


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


@pytest.mark.parametrize("step", WAITS, ids=["wait", "until", "error branch", "branch"])
def test_what_may_keep_a_run_waiting_stops_for_a_person(step):
    assert rules_of(branch("b", way("one", LARGE, step)))[0] is IfUndecided.STOP
    assert rules_of(branch("b", way("one", LARGE), way("two", LARGE, step)))[0] is IfUndecided.STOP


def test_an_earlier_wait_and_one_in_all_other_cases_hold_nothing_back():
    assert rules_of(branch("b", way("one", LARGE, wait()), way("two", LARGE)))[1] is IfUndecided.OTHERWISE
    assert rules_of(branch("b", way("one", LARGE), otherwise=(wait(),)))[0] is IfUndecided.OTHERWISE


def test_no_money_moves_at_once_where_it_might_have_had_to_wait(finish, money, recorder):
    step = branch("b", way("large", LARGE, wait()))
    run = finish(step, money, obj=IN_DOUBT)
    assert (run.status, recorder.texts) == (RunStatus.HELD, [])
    assert undecided_words(step) == "stop for a person, since a branch waits"


def test_a_choice_to_go_on_at_once_is_warned_of():
    step = {**branch("b", way("one", LARGE, wait())), "if_undecided": "otherwise"}
    assert [one.code for one in validate(document(step)).problems] == ["goes_on_if_undecided"]
