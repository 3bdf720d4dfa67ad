from contextlib import ExitStack

import pytest

from stripeflow.actions import registry
from stripeflow.actions.base import Repeat
from stripeflow.workflows.definition.choices import IfUndecided
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.definition.undecided import is_grave, moves_or_destroys, rules_of
from tests.workflows.documents import action, branch, compare, failing, group, usd, way
from tests.workflows.recording import recording_action

OTHERWISE, STOP = IfUndecided.OTHERWISE, IfUndecided.STOP
STARTS_ON = {"type": "stripe_event", "event_type": "x"}
LARGE = group(compare("trigger.amount", "greater_than", usd(2000)))
MAIL = action("mail", text="a")


@pytest.fixture(autouse=True)
def kinds(recorder):
    """The actions `test.money`, which moves money, `test.delete`, which destroys, and `test.read`."""
    money = recording_action(recorder, key="test.money")
    money.moves_money = True
    delete = recording_action(recorder, key="test.delete")
    delete.destructive = True
    read = recording_action(recorder, key="test.read")
    read.repeat = Repeat.SAFE
    with ExitStack() as stack:
        for kind in (money, delete, read):
            stack.enter_context(registry.temporarily(kind))
        yield


NOTHING = ()
ACTS, GRAVE, READS = (MAIL,), (action("x", "test.money"),), (action("x", "test.read"),)


@pytest.mark.parametrize(
    ("in_doubt", "instead", "rule"),
    [
        (ACTS, NOTHING, OTHERWISE),
        (ACTS, READS, OTHERWISE),
        (GRAVE, READS, OTHERWISE),
        (GRAVE, ACTS, OTHERWISE),
        (ACTS, ACTS, STOP),
        (READS, ACTS, STOP),
        (NOTHING, ACTS, STOP),
        (NOTHING, GRAVE, STOP),
        (GRAVE, GRAVE, STOP),
    ],
)
def test_all_other_cases_are_taken_only_where_they_do_less_than_what_is_in_doubt(in_doubt, instead, rule):
    assert rules_of(branch("b", way("one", LARGE, *in_doubt), otherwise=instead))[0] is rule


def test_grave_branch_in_between_stops():
    step = branch("b", way("one", LARGE, *GRAVE), way("two", LARGE, *GRAVE), otherwise=NOTHING)
    assert rules_of(step)[:2] == (STOP, OTHERWISE)


@pytest.mark.parametrize("grave", ["test.money", "test.delete", "email.customer", "host.not_installed", ""])
def test_what_moves_money_destroys_writes_to_customers_or_is_missing_stops(grave):
    assert rules_of(branch("b", way("one", LARGE), otherwise=(action("x", grave),)))[0] is STOP


def test_to_write_to_customers_is_grave_and_moves_no_money():
    mail = [action("x", "email.customer")]
    assert (is_grave(mail), moves_or_destroys(mail)) == (True, False)


def _inside(step):
    return branch("inner", way("deep", LARGE, step))


def _handled(step):
    return failing(action("risky", text="a"), step)


@pytest.mark.parametrize(
    "wrapped",
    [_inside, _handled, lambda step: _inside(_handled(step)), lambda step: _handled(_inside(step))],
    ids=["branch", "error branch", "error branch in a branch", "branch in an error branch"],
)
def test_it_is_found_at_any_depth(wrapped):
    assert (
        rules_of(branch("b", way("one", LARGE), otherwise=(wrapped(action("x", "test.money")),)))[0] is STOP
    )
    money = action("y", "test.money")
    assert rules_of(branch("b", way("one", LARGE, money), otherwise=(wrapped(MAIL),)))[0] is OTHERWISE


def test_only_later_branches_count():
    money = action("x", "test.money")
    step = branch(
        "b", way("one", LARGE, money), way("two", LARGE, money), way("three", LARGE), otherwise=(MAIL,)
    )
    assert rules_of(step)[:3] == (STOP, OTHERWISE, STOP)


def test_steps_behind_the_branch_step_run_on_every_way_and_do_not_count():
    step = branch("b", way("one", LARGE, MAIL))
    document = {"trigger": dict(STARTS_ON), "steps": [step, action("x", "test.money")]}
    plan = build(document, {})
    assert plan.steps[0].ways[0].if_unknown is OTHERWISE


@pytest.mark.parametrize("own", IfUndecided)
def test_the_steps_own_choice_counts_for_each_branch(own):
    step = branch("b", way("one", LARGE), way("two", LARGE), otherwise=(action("x", "test.money"),))
    assert set(rules_of({**step, "if_undecided": own.value})) == {own}


def test_a_version_without_the_setting_gets_it_with_its_plan():
    step = branch("b", way("one", LARGE), otherwise=(action("x", "test.money"),))
    plan = build({"trigger": dict(STARTS_ON), "steps": [step]}, {})
    assert plan.steps[0].ways[0].if_unknown is STOP
