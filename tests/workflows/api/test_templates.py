import pytest

from stripeflow.workflows.models import AuditEntry, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template, templates
from tests.workflows.events import accept, payment

PATH = "templates/fraud_warnings/workflows/"


def test_lists_the_templates_with_their_parameters(api):
    rows = {row["key"]: row for row in api.get("templates/").json()["results"]}
    assert list(rows) == [one.key for one in templates()]
    warnings = rows["fraud_warnings"]
    assert (warnings["goal"], warnings["permissions"]) == (
        "prevent_loss",
        ["stripeflow_workflows.run_money_moving_workflow", "stripeflow_triggers.view_payload"],
    )
    fee, recipients = warnings["parameters"]
    assert (fee["kind"], fee["default"]) == ("money", {"amount": 1500, "currency": "usd"})
    assert recipients["default"] == []


def test_creates_a_draft_from_a_template(api):
    response = api.post(
        PATH,
        {
            "name": "Mine",
            "parameters": {"dispute_fee": {"amount": 2000, "currency": "eur"}, "recipients": ["editor"]},
        },
    )
    body = response.json()
    assert (response.status_code, body["name"], body["template"]) == (201, "Mine", "fraud_warnings")
    assert body["definition"]["steps"][1]["branches"][0]["conditions"]["conditions"][0]["value"] == {
        "amount": 2000,
        "currency": "eur",
    }


def test_without_parameters_the_defaults_are_taken(api):
    assert api.post(PATH).json()["name"] == "Take action based on fraud warnings"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no_such", 1),
        ("recipients", "editor"),
        ("recipients", [1]),
        ("recipients", None),
        ("dispute_fee", 5),
        ("dispute_fee", {"amount": 5}),
        ("dispute_fee", {"amount": "5", "currency": "usd"}),
        ("dispute_fee", {"amount": True, "currency": "usd"}),
        ("dispute_fee", {"amount": 0, "currency": "usd"}),
        ("dispute_fee", {"amount": 10**20, "currency": "usd"}),
        ("dispute_fee", {"amount": 5, "currency": "xxx"}),
        ("dispute_fee", {"amount": 5, "currency": ["usd"]}),
    ],
)
def test_a_parameter_that_can_not_be_used_is_refused(api, name, value):
    response = api.post(PATH, {"parameters": {name: value}})
    assert response.status_code == 400
    assert [problem["path"] for problem in response.json()["error"]["problems"]] == [f"/parameters/{name}"]
    assert not Workflow.objects.exists()


def test_an_unknown_template_is_404(api):
    assert api.post("templates/no/workflows/").status_code == 404


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("days", 7, 201),
        ("days", 401, 400),
        ("days", 0, 400),
        ("days", True, 400),
        ("days", "7", 400),
        ("escalation", [], 201),
    ],
)
def test_days_are_a_whole_number(api, name, value, status):
    path = "templates/overdue_invoices/workflows/"
    assert api.post(path, {"parameters": {name: value}}).status_code == status


def test_a_template_is_tried_and_nothing_is_made(api, queue):
    accept(payment(200_000), livemode=True)
    given = {"days": 7, "parameters": {"minimum": {"amount": 100_000, "currency": "usd"}}}
    answer = api.post("templates/personalize_orders/backtest/", given)
    assert (answer.status_code, answer.json()["template"]) == (200, "personalize_orders")
    assert (answer.json()["matched"], answer.json()["total"]) == (1, 1)
    assert not Workflow.objects.exists()
    wrong = api.post("templates/personalize_orders/backtest/", {"days": 7, "parameters": {"minimum": 5}})
    assert wrong.json()["error"]["problems"][0]["path"] == "/parameters/minimum"
    assert api.post("templates/refund_on_request/backtest/", {"days": 7}).status_code == 409
    assert api.post("templates/no/backtest/", {"days": 7}).status_code == 404


def test_the_api_saves_lists_uses_renames_and_deletes(api):
    made = template("personalize_orders").document({"recipients": ["anna"]})
    workflow = lifecycle.create({**made, "name": "Thank people"})
    answer = api.post(f"workflows/{workflow.pk}/template/", {"name": "Ours"})
    body = answer.json()
    assert (answer.status_code, body["is_saved"], body["goal"]) == (201, True, "tell_the_team")
    assert [one["kind"] for one in body["parameters"]] == ["team_members"]
    key = body["key"]
    assert [one["key"] for one in api.get("templates/").json()["results"]][-1] == key
    used = api.post(f"templates/{key}/workflows/", {"name": "Theirs", "parameters": {"people_1": ["anna"]}})
    assert used.json()["template"] == key
    assert api.post(f"templates/{key}/backtest/", {"days": 7}).json()["matched"] == 0
    renamed = api("patch", f"templates/{key}/", {"goal": "keep_customers"})
    assert (renamed.json()["name"], renamed.json()["goal"]) == ("Ours", "keep_customers")
    assert api.post(f"workflows/{workflow.pk}/template/", {"name": "Ours"}).status_code == 409
    assert api("delete", f"templates/{key}/").json()["key"] == key
    assert api("delete", f"templates/{key}/").status_code == 404
    assert api("delete", "templates/dunning/").status_code == 404
    assert AuditEntry.objects.filter(kind__startswith="template.").count() == 3
