"""A slow Stripe, lost answers, and a worker that is killed or stopped."""

import signal

import psutil

REFUNDS = {"method": "POST", "path": "/v1/refunds"}
SLOW_SECONDS = 10
# Less than the client's timeout.
BUSY_SECONDS = 4
HELD_SECONDS = 120


def test_slow_stripe_does_not_delay_a_webhook(on_sqlite):
    on_sqlite.activate_template("fraud_warnings")
    on_sqlite.activate_template("tag_customers")
    charge = on_sqlite.pay(1_499)["charge"]["id"]
    on_sqlite.wait_for_end()
    on_sqlite.standin.faults("latency", seconds=SLOW_SECONDS)
    first = on_sqlite.standin.fraud_warning(charge)["event"]["id"]
    on_sqlite.wait_for_event(first)
    # Worker and mirror now wait for Stripe, while more comes in.
    events = [on_sqlite.pay(200_001)["event"]["id"] for _ in range(5)]
    took = [
        attempt["seconds"]
        for event in [first, *events]
        for delivery in on_sqlite.deliveries_of(event)
        for attempt in delivery["attempts"]
    ]
    assert len(took) == len(events) + 1
    assert max(took) < 1.0


def test_rate_limit_is_waited_for(house):
    workflow = house.activate_template("fraud_warnings")
    house.standin.faults("rate_limit", count=2, retry_after=1, **REFUNDS)
    run = house.wait_for_run(house.warn(1_499)["event"]["id"], workflow)
    assert run["status"] == "succeeded"
    assert [step["attempts"] for step in run["steps"] if step["key"] == "refund_charge"] == [3]
    assert len(house.effects_of(run)) == 1


def test_lost_answer_is_asked_for_again_with_the_same_key(house):
    workflow = house.activate_template("fraud_warnings")
    house.standin.faults("lost_reply", count=1, **REFUNDS)
    warned = house.warn(1_499)
    run = house.wait_for_run(warned["event"]["id"], workflow)
    assert run["status"] == "succeeded"
    assert refunds_of(house, warned) == [1_499]


def test_worker_whose_processes_are_all_asked_to_end_finishes_its_step(house):
    """As systemd does it when a service is stopped or restarted."""
    workflow = house.activate_template("fraud_warnings")
    slow = house.standin.faults("latency", seconds=BUSY_SECONDS, count=1, **REFUNDS)
    warned = house.warn(1_499)
    house.wait_for_fault(slow)
    worker = psutil.Process(house.worker.pid)
    for process in worker.children(recursive=True):
        process.send_signal(signal.SIGTERM)
    house.stop_worker()
    house.start_worker()
    run = house.wait_for_run(warned["event"]["id"], workflow)
    assert run["status"] == "succeeded"
    assert [step["attempts"] for step in run["steps"] if step["key"] == "refund_charge"] == [1]
    assert refunds_of(house, warned) == [1_499]


def test_killed_worker_leaves_one_effect(house):
    workflow = house.activate_template("fraud_warnings")
    held = house.standin.faults("latency", seconds=HELD_SECONDS, count=1, **REFUNDS)
    warned = house.warn(1_499)
    house.wait_for_fault(held)
    house.kill_worker()
    # Stripe executes what it has received, although nobody waits for the answer any more.
    house.standin.clear_faults()
    house.wait(lambda: refunds_of(house, warned), what="The refund of the killed worker's call")
    house.start_worker()
    run = house.wait_for_run(warned["event"]["id"], workflow)
    assert run["status"] == "succeeded"
    assert refunds_of(house, warned) == [1_499]


def test_worker_that_was_away_makes_up_for_it(house):
    workflow = house.activate_template("personalize_orders")
    house.stop_worker()
    event = house.pay(200_001)["event"]["id"]
    house.wait_for_run(event, workflow, status=("queued",))
    house.start_worker()
    run = house.wait_for_run(event, workflow)
    assert len(house.mails_of(run)) == 1


def refunds_of(house, warned):
    """The amounts given back of the charge, by the ledger."""
    return [
        entry["data"]["amount"]
        for entry in house.standin.effects("refund.created")
        if entry["data"]["charge"] == warned["charge"]["id"]
    ]
