from itertools import product

import pytest

from stripeflow.workflows.conditions import Compiled, Evaluation, Group, Truth
from stripeflow.workflows.conditions.compiling import ReadyGroup
from stripeflow.workflows.definition.choices import IfUndecided
from stripeflow.workflows.definition.plan import BranchPlan, WayPlan
from stripeflow.workflows.engine.deciding import decide

RULES = list(IfUndecided)


def step_of(truths, rule):
    """A branch step whose conditions are known by their number, and a judge that gives their truths."""
    asked = [Compiled(Group(str(n), ()), ReadyGroup(str(n), (), {})) for n in range(len(truths))]
    ways = tuple(WayPlan(f"way_{n}", "", one, (), rule) for n, one in enumerate(asked))
    last = WayPlan("otherwise", "", None, ())

    def judge(group):
        return Evaluation(truths[int(group.node.match)], "", {"match": "all"})

    return BranchPlan("b", "", (*ways, last)), judge


ALL = [list(found) for length in range(1, 5) for found in product(Truth, repeat=length)]


@pytest.mark.parametrize("rule", RULES)
def test_a_branch_is_taken_for_being_met_only_behind_such_as_are_not(rule):
    for truths in ALL:
        decision = decide(*step_of(truths, rule))
        decided = next((n for n, truth in enumerate(truths) if truth is not Truth.NOT_MET), None)
        taken = decision.way and decision.way.key
        if decided is None:
            assert taken == "otherwise", truths
        elif truths[decided] is Truth.MET:
            assert taken == f"way_{decided}", truths
        else:
            assert taken == ("otherwise" if rule is IfUndecided.OTHERWISE else None), truths


def test_a_person_who_has_to_choose_is_shown_every_condition():
    truths = [Truth.NOT_MET, Truth.UNKNOWN, Truth.MET, Truth.NOT_MET]
    seen = decide(*step_of(truths, IfUndecided.STOP)).to_json()
    assert [one["evaluation"]["truth"] for one in seen] == [truth.value for truth in truths]
    assert [one["branch"] for one in seen] == ["way_0", "way_1", "way_2", "way_3"]


def test_nothing_is_looked_at_behind_what_decides():
    seen = decide(*step_of([Truth.MET, Truth.UNKNOWN], IfUndecided.STOP)).seen
    assert list(seen) == ["way_0"]


def test_a_step_without_all_other_cases_asks_a_person():
    step, judge = step_of([Truth.NOT_MET], IfUndecided.OTHERWISE)
    assert decide(BranchPlan("b", "", step.ways[:-1]), judge).way is None
    step, judge = step_of([Truth.UNKNOWN], IfUndecided.OTHERWISE)
    assert decide(BranchPlan("b", "", step.ways[:-1]), judge).way is None
