"""A refund that somebody asks for: by the API with a key, and by the command, against real workers."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

from tests.workflows.on_demand import on_demand

CHARGE = {"name": "charge", "kind": "stripe_id", "label": "Charge", "of": "charge", "required": True}
AMOUNT = {"name": "amount", "kind": "amount", "label": "Amount"}
REFUND = {
    "key": "refund",
    "type": "action",
    "name": "",
    "action": "stripe.refunds.create",
    "inputs": {"charge": "{{ trigger.charge }}"},
    "on_error": "stop",
}


def asked_for(house, workflow, charge, key, **inputs):
    """The status and the answer of a request that waits for the end."""
    connection = HTTPConnection(urlsplit(house.api.url).netloc, timeout=60)
    headers = {
        "Authorization": f"Bearer {house.api.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "Prefer": "wait=20",
    }
    body = json.dumps({"inputs": {"charge": charge, **inputs}})
    try:
        connection.request("POST", f"/api/v1/workflows/{workflow}/invoke/", body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def refunds_of(house, charge):
    made = [entry["data"] for entry in house.standin.effects("refund.created")]
    return [one["amount"] for one in made if one["charge"] == charge]


def test_a_refund_on_request_is_made_once(house):
    workflow = house.activate_document(on_demand(CHARGE, AMOUNT, steps=(REFUND,), name="Refund on request"))
    charge = house.pay(4_800)["charge"]["id"]
    status, first = asked_for(house, workflow, charge, "request-1")
    assert (status, first["run"]["status"]) == (201, "succeeded")
    status, again = asked_for(house, workflow, charge, "request-1")
    assert (status, again["run"]["id"]) == (200, first["run"]["id"])
    status, other = asked_for(house, workflow, "ch_other", "request-1")
    assert (status, other["error"]["code"]) == (409, "idempotency_key_reused")
    assert refunds_of(house, charge) == [4_800]


def test_the_command_starts_a_run_that_the_workers_end(house):
    workflow = house.activate_document(on_demand(CHARGE, AMOUNT, steps=(REFUND,), name="Refund by hand"))
    charge = house.pay(1_500)["charge"]["id"]
    given = json.dumps({"charge": charge})
    said = house.manage("stripeflow_run", "start", str(workflow), "--inputs", given, "--note", "By hand.")
    house.wait_for_end()
    run = house.api.get(f"runs/{said.split()[0]}/")
    assert run["status"] == "succeeded"
    assert [(one["kind"], one["user"], one["via"]) for one in run["operations"]] == [
        ("start", None, "command")
    ]
    assert refunds_of(house, charge) == [1_500]
