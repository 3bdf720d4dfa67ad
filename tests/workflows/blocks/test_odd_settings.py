"""Whatever JSON stands in the settings of a step: it is a problem with a sentence, never an error."""

from copy import deepcopy

import pytest

from stripeflow.workflows.blocks.typed_values import TYPES
from stripeflow.workflows.conditions.field_types import WrongType
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.validation import validate
from tests.workflows.blocks.test_look_up import find
from tests.workflows.blocks.test_once import once
from tests.workflows.blocks.test_set_values import row, values
from tests.workflows.blocks.test_stop import stop
from tests.workflows.blocks.waits.steps import wait, wait_until
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db

# No float holds ten times that.
LARGEST = 10**308
ODD = [[], {}, [[]], None, True, 7, -1.5, LARGEST * 10, "", "\ud800"]
STEPS = [
    values(row("a", "number", "1"), row("b", "text", "{{ trigger.id }}")),
    find(otherwise="default", default="a"),
    once(action("mail", text="a")),
    wait(),
    wait_until(offset=2, weekdays=["0"], from_hour="09:00"),
    stop(),
]


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


def places(found, path=()):
    """Where a value stands in the settings, at any depth."""
    inside = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for name, value in inside:
        yield (*path, name)
        yield from places(value, (*path, name))


def odd_steps(step):
    for *outer, last in places(step["inputs"]):
        for odd in ODD:
            changed = deepcopy(step)
            at = changed["inputs"]
            for name in outer:
                at = at[name]
            at[last] = odd
            yield changed


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["type"])
def test_odd_settings_are_judged_like_any(step):
    for changed in odd_steps(step):
        assert step_title(changed)
        problems = validate(document(changed, action("last", text="{{ trigger.id }}"))).problems
        assert all(problem.message for problem in problems)


@pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES)
@pytest.mark.parametrize("odd", [[], {}, None, LARGEST * 10, -LARGEST * 10], ids=lambda odd: str(odd)[:3])
def test_a_value_of_a_run_is_of_its_type_or_refused(type_, odd):
    try:
        type_.read(odd)
    except WrongType:
        return
    assert isinstance(odd, int)
