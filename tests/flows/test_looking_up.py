"""Stripe's stored errors, forgotten keys, and answers that nobody heard: one effect all the same."""

import pytest

from tests.flows.installation import step_of

REFUND = {"method": "POST", "path": "/v1/refunds"}
CUSTOMER = {"method": "POST", "path": "/v1/customers"}
HELD_SECONDS = 120
DAY = 25 * 3600
# A call of yesterday, as the step's own row tells it.
AGE = (
    "from datetime import timedelta; from django.db.models import F; "
    "from stripeflow.workflows.models import StepRun; "
    "StepRun.objects.filter(run_id='{run}').update(started_at=F('started_at') - timedelta(hours=24))"
)


def refund(house):
    """A workflow that refunds, and what sets it off."""
    workflow = house.activate_template("fraud_warnings")
    return workflow, lambda: house.warn(1_499)["event"]["id"]


def tag(house):
    """A workflow that tags a customer, and what sets it off."""
    workflow = house.activate_template("tag_customers")
    return workflow, lambda: house.pay(200_001)["event"]["id"]


CASES = [(refund, REFUND, "refund_charge"), (tag, CUSTOMER, "tag_customer")]
both = pytest.mark.parametrize(("build", "target", "key"), CASES, ids=["refund", "customer"])


@pytest.fixture
def pass_a_day(on_sqlite):
    """Let a day pass since the run's call: for Stripe, and for the run."""

    def pass_a_day(run):
        on_sqlite.standin.advance_clock(DAY)
        on_sqlite.manage("shell", "-c", AGE.format(run=run["id"]))

    yield pass_a_day
    on_sqlite.standin.reset_clock()


def tries(run, key):
    return [step for step in run["steps"] if step["key"] == key]


@both
def test_stored_500_before_the_effect_is_looked_up_and_begun_again(house, build, target, key):
    workflow, happen = build(house)
    house.standin.faults("error_before", count=1, stored=True, **target)
    run = house.wait_for_run(happen(), workflow)
    assert run["status"] == "succeeded"
    assert [step["look_up"] for step in tries(run, key)] == ["not_found", ""]
    assert len(house.effects_of(run)) == 1


@both
def test_stored_500_after_the_effect_is_found(house, build, target, key):
    workflow, happen = build(house)
    house.standin.faults("error_after", count=1, stored=True, **target)
    run = house.wait_for_run(happen(), workflow)
    assert run["status"] == "succeeded"
    assert [step["group"] for step in tries(run, key)] == [1]
    assert len(house.effects_of(run)) == 1


def test_what_was_found_is_reported(on_sqlite):
    workflow, happen = tag(on_sqlite)
    on_sqlite.standin.faults("error_after", count=1, stored=True, **CUSTOMER)
    step = step_of(on_sqlite.wait_for_run(happen(), workflow), "tag_customer")
    assert (step["look_up"], step["error"]) == ("found", None)
    assert step["outputs"]["object"] == "customer"


@both
def test_a_key_that_stripe_forgot_is_looked_up(on_sqlite, pass_a_day, build, target, key):
    workflow, happen = build(on_sqlite)
    held = on_sqlite.standin.faults("latency", seconds=HELD_SECONDS, count=1, **target)
    event = happen()
    on_sqlite.wait_for_fault(held)
    on_sqlite.kill_worker()
    on_sqlite.standin.clear_faults()
    run = on_sqlite.wait_for_run(event, workflow, status=("running",))
    on_sqlite.wait(lambda: on_sqlite.effects_of(run), what="The effect of the killed worker's call")
    pass_a_day(run)
    on_sqlite.start_worker()
    run = on_sqlite.wait_for_run(event, workflow)
    assert run["status"] == "succeeded"
    assert [step["look_up"] for step in tries(run, key)] == ["found"]
    assert len(on_sqlite.effects_of(run)) == 1


@both
def test_a_call_that_never_came_is_begun_again_after_a_day(on_sqlite, pass_a_day, build, target, key):
    workflow, happen = build(on_sqlite)
    lost = on_sqlite.standin.faults("lost_request", **target)
    event = happen()
    run = on_sqlite.wait_for_run(event, workflow, status=("waiting",))
    on_sqlite.stop_worker()
    on_sqlite.standin.clear_faults(lost["id"])
    pass_a_day(run)
    on_sqlite.start_worker()
    run = on_sqlite.wait_for_run(event, workflow)
    assert run["status"] == "succeeded"
    assert [step["look_up"] for step in tries(run, key)] == ["not_found", ""]
    assert len(on_sqlite.effects_of(run)) == 1
