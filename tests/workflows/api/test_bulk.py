"""Starting a workflow many times by the API: lines or CSV, once for each line of a key."""

import pytest

from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.on_demand import AMOUNT, CHARGE, on_demand

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

LINES = {"lines": [{"charge": "ch_1"}, {"charge": "ch_2"}]}


@pytest.fixture
def caller(api_for, make_user):
    return api_for(make_user("change_run", "run_money_moving_workflow", username="caller"))


def active(*inputs, **options):
    workflow = lifecycle.create(on_demand(*inputs, **options))
    lifecycle.activate(workflow)
    return workflow


def call(api, workflow, path="", key="october", **body):
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(f"workflows/{workflow.pk}/invoke/bulk/{path}", body, headers=headers)


def test_lines_are_previewed_and_started_once(caller):
    workflow = active(CHARGE)
    seen = call(caller, workflow, "preview/", **LINES).json()
    assert (seen["would_start"], seen["confirmation"], seen["sums"]) == (2, "", [])
    assert not Run.objects.exists()
    first = call(caller, workflow, **LINES)
    assert (first.status_code, first.json()["started"]) == (201, 2)
    again = call(caller, workflow, **LINES).json()
    assert again["started"] == 0
    assert [one["run"] for one in again["lines"]] == [one["run"] for one in first.json()["lines"]]
    assert call(caller, workflow, "preview/", **LINES).json()["lines"][0]["state"] == "started"
    assert Run.objects.count() == 2


def test_a_table_needs_its_sum_where_money_moves(caller, money):
    workflow = active(CHARGE, AMOUNT, steps=(money,))
    table = {"csv": "id,amount,amount_currency\nch_1,48.50,usd\n", "columns": {"charge": "id"}}
    seen = call(caller, workflow, "preview/", **table).json()
    assert seen["sums"] == [{"label": "Amount", "currency": "usd", "amount": 4850}]
    refused = call(caller, workflow, **table)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "confirmation")
    assert call(caller, workflow, **table, confirm=seen["confirmation"]).json()["started"] == 1


def test_what_cannot_be_started_is_said(caller):
    workflow = active(CHARGE)
    problems = call(caller, workflow, "preview/", lines=[{"charge": "cus_1"}]).json()["lines"][0]["problems"]
    assert problems[0]["path"] == "charge"
    codes = [
        call(caller, workflow, **body).json()["error"]["code"]
        for body in ({"lines": [{"charge": "cus_1"}]}, {**LINES, "version": 2}, {"csv": "a,b\n1,2\n"})
    ]
    assert codes == ["line_problems", "other_version", "not_allowed"]
    assert call(caller, workflow, key="", **LINES).json()["error"]["code"] == "idempotency_key"
    assert call(caller, workflow, **LINES, csv="x").status_code == 400
    assert not Run.objects.exists()
