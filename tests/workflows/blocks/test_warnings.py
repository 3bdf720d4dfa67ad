"""A warning hides no problem of a block's settings; and a run that has such settings says what is wrong."""

import pytest
from django.utils import timezone

from stripeflow.workflows.blocks.look_up import LookUpBlock
from stripeflow.workflows.blocks.once import OnceBlock
from stripeflow.workflows.blocks.waits.for_a_time import WaitBlock
from stripeflow.workflows.blocks.waits.until_a_date import WaitUntilBlock
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.models import KeyUse
from stripeflow.workflows.rehearsal.results import State
from stripeflow.workflows.rehearsal.walking import Given, rehearse
from tests.workflows.blocks.test_look_up import find
from tests.workflows.blocks.test_once import once
from tests.workflows.blocks.waits.steps import wait_until
from tests.workflows.documents import action, document
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

# A field that Stripe's list lacks: a reference to it warns.
DOUBTFUL = "{{ trigger.gibberish }}"
MAIL = action("mail", text="mail")
OBJ = payment(gibberish="2020-07-01")

STEPS = [
    pytest.param(once(MAIL, key=DOUBTFUL, amount=401), "period_too_long", id="long period"),
    pytest.param(
        once(MAIL, key=DOUBTFUL, amount=10**12, unit="weeks"), "period_too_long", id="no period at all"
    ),
    pytest.param(wait_until(date=DOUBTFUL, from_hour="17:00", to_hour="09:00"), "empty_window", id="window"),
    pytest.param(
        {**wait_until(date=DOUBTFUL, if_past="lane"), "branches": []}, "empty_lane", id="missing lane"
    ),
    pytest.param(find({"2020-07-01": "many"}, key=DOUBTFUL, type_="number"), "value", id="value"),
    pytest.param(
        find(key=DOUBTFUL, type_="number", otherwise="default", default="many", table={"a": "1"}),
        "value",
        id="default",
    ),
]


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


@pytest.mark.parametrize(("step", "code"), STEPS)
def test_it_blocks_activation_beside_a_warning(step, code):
    problems = validate(document(step)).problems
    assert problems.warnings
    assert [problem.code for problem in problems.errors] == [code]


@pytest.fixture
def let_pass(monkeypatch):
    """As a release did that looked less closely, whose versions still run."""
    for block in (OnceBlock, WaitBlock, WaitUntilBlock, LookUpBlock):
        monkeypatch.setattr(block, "further_problems", lambda self, check: iter(()))


@pytest.mark.usefixtures("let_pass")
@pytest.mark.parametrize(("step", "code"), STEPS)
def test_a_run_of_such_settings_fails_with_a_sentence(finish, recorder, step, code):
    run = finish(step, action("last", text="last"), obj=OBJ)
    assert (run.status, run.error["code"], run.error["step"]) == ("failed", code, step["key"])
    assert run.error["message"].endswith(".")
    assert run.error["public"]
    assert recorder.texts == []
    assert not KeyUse.objects.exists()


@pytest.mark.parametrize("step", [one.values[0] for one in STEPS[2:]])
def test_so_does_a_dry_run(step):
    plan, given = build(document(step), {}), Given({"data": {"object": OBJ}})
    [found] = rehearse(plan, given, now=timezone.now()).steps
    assert (found.state, len(found.faults)) == (State.WOULD_FAIL, 1)
