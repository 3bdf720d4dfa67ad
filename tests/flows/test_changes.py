"""What people and operators change while runs are under way."""

from tests.flows.installation import next_second, step_of

CUSTOMERS = {"method": "POST", "path": "/v1/customers"}


def test_run_ends_as_it_began(house):
    workflow = house.activate_template("tag_customers")
    house.standin.faults("rate_limit", retry_after=1, **CUSTOMERS)
    paid = house.pay(200_001)
    house.wait_for_run(paid["event"]["id"], workflow, status=("waiting",))

    retag(house, workflow, "GOLD")
    house.api.post(f"workflows/{workflow}/deactivate/")
    next_second()
    house.api.activate(workflow)
    house.standin.clear_faults()

    run = house.wait_for_run(paid["event"]["id"], workflow)
    assert (run["status"], run["version"]) == ("succeeded", 1)
    assert customer_of(house, paid)["metadata"] == {"Tier": "VIP"}


def test_edit_takes_effect_with_the_next_activation(house):
    workflow = house.activate_template("tag_customers")
    retag(house, workflow, "GOLD")
    before = house.pay(200_001)
    house.wait_for_run(before["event"]["id"], workflow)
    next_second()
    house.api.activate(workflow)
    after = house.pay(200_001)
    run = house.wait_for_run(after["event"]["id"], workflow)
    assert run["version"] == 2
    assert customer_of(house, before)["metadata"] == {"Tier": "VIP"}
    assert customer_of(house, after)["metadata"] == {"Tier": "GOLD"}


def test_deactivated_workflow_starts_nothing(house):
    workflow = house.activate_template("personalize_orders")
    house.api.post(f"workflows/{workflow}/deactivate/")
    next_second()
    event = house.pay(200_001)["event"]["id"]
    assert house.why(event, workflow)["reason"] == "not_active_then"


def test_action_that_the_worker_lacks_fails_with_that_reason(house):
    workflow = house.activate_document(
        {
            "format": 1,
            "name": "Repeat",
            "trigger": {"type": "stripe_event", "event_type": "payment_intent.succeeded"},
            "steps": [
                {
                    "key": "repeat",
                    "type": "action",
                    "name": "Repeat it",
                    "action": "sample.repeat",
                    "on_error": "stop",
                    "inputs": {"text": "{{ trigger.id }}"},
                }
            ],
        }
    )
    house.stop_worker()
    house.start_worker(DJANGO_SETTINGS_MODULE="tests.flows.settings_without_app")
    run = house.wait_for_run(house.pay(100)["event"]["id"], workflow)
    house.stop_worker()
    house.start_worker()
    known = house.wait_for_run(house.pay(100)["event"]["id"], workflow)
    assert step_of(run, "repeat")["error"]["code"] == "action_not_installed"
    assert "sample.repeat" in run["error"]["message"]
    assert known["status"] == "succeeded"


def retag(house, workflow, tier):
    """Change the tag in the definition, as an editor does."""
    document = house.api.get(f"workflows/{workflow}/")["definition"]
    [branch] = [step for step in document["steps"] if step["type"] == "branch"]
    branch["branches"][0]["steps"][0]["inputs"]["metadata"] = [{"key": "Tier", "value": tier}]
    house.api.replace(f"workflows/{workflow}/", document)


def customer_of(house, paid):
    return house.standin.object(paid["payment_intent"]["customer"])
