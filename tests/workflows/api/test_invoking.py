"""Starting a workflow on demand by the API: its inputs, once for each key, and waiting for the end."""

from contextlib import ExitStack

import pytest
from jsonschema import Draft202012Validator

from stripeflow.workflows.definition.on_demand.kinds import KINDS
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import AuditEntry, Run, RunOperation
from stripeflow.workflows.operations import awaiting, lifecycle
from tests.workflows.definition.on_demand.test_kinds import BAD, GOOD
from tests.workflows.documents import action, compare, document, group
from tests.workflows.on_demand import AMOUNT, CHARGE, REASON, on_demand

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

GIVEN = {"charge": "ch_1", "reason": "late"}


@pytest.fixture
def caller(api_for, make_user):
    """A program that may start runs, and look at nothing."""
    return api_for(make_user("change_run", username="caller"))


@pytest.fixture
def workflow():
    return active(CHARGE, REASON)


def active(*inputs, **options):
    workflow = lifecycle.create(on_demand(*inputs, **options))
    lifecycle.activate(workflow)
    return workflow


def start(api, workflow, inputs=GIVEN, key="order-1", prefer="", **body):
    headers = {"Idempotency-Key": key, **({"Prefer": prefer} if prefer else {})}
    return api.post(f"workflows/{workflow.pk}/invoke/", {"inputs": inputs, **body}, headers=headers)


def test_a_run_starts_and_the_answer_leads_to_it(caller, workflow):
    answer = start(caller, workflow, note="A customer called.")
    run = Run.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/runs/{run.pk}/"
    body = answer.json()
    assert (body["key"], body["code"]) == ("order-1", "")
    assert body["run"] == {"id": str(run.pk), "status": "queued", "version": 1, "finished_at": None}
    done = RunOperation.objects.get()
    assert (done.user_name, done.via, done.note) == ("caller", "api", "A customer called.")
    assert AuditEntry.objects.filter(kind="run.started").get().via == "api"


def test_the_same_again_is_200_and_other_inputs_are_409(caller, workflow):
    first = start(caller, workflow)
    again = start(caller, workflow)
    assert (again.status_code, again.json()["run"]) == (200, first.json()["run"])
    other = start(caller, workflow, {"charge": "ch_2"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert Run.objects.count() == 1


def test_a_caller_may_name_the_version_that_it_knows(caller, workflow):
    lifecycle.activate(workflow)
    refused = start(caller, workflow, version=1)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "other_version")
    assert not Run.objects.exists()
    assert start(caller, workflow, version=2).json()["run"]["version"] == 2


@pytest.mark.parametrize("key", ["", "has space", "x" * 201])
def test_without_a_key_nothing_starts(caller, workflow, key):
    answer = start(caller, workflow, key=key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "idempotency_key")
    assert not Run.objects.exists()


def test_wrong_inputs_are_listed_with_their_places(caller, workflow):
    answer = start(caller, workflow, {"charge": "cus_1", "reason": "bored", "colour": 1})
    problems = {one["path"]: one["message"] for one in answer.json()["error"]["problems"]}
    assert answer.status_code == 400
    assert list(problems) == ["/inputs/colour", "/inputs/charge", "/inputs/reason"]
    assert "“Charge” must be an ID of the kind “Charge”." in problems["/inputs/charge"]


def test_a_body_of_another_shape_is_refused(caller, workflow):
    assert start(caller, workflow, colour="red").status_code == 400
    assert start(caller, workflow, account="me").status_code == 400
    assert not Run.objects.exists()


def test_conditions_that_are_not_met_are_said(caller):
    broken = active(CHARGE, REASON, conditions=group(compare("trigger.reason", "equal", "broken")))
    body = start(caller, broken).json()
    assert (body["run"], body["code"]) == (None, "not_met")
    assert body["message"] == "The trigger conditions were not met."


def test_what_cannot_be_started_is_409(caller, workflow):
    lifecycle.deactivate(workflow)
    other = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(other)
    answers = [start(caller, one) for one in (workflow, other)]
    assert [(one.status_code, one.json()["error"]["code"]) for one in answers] == [(409, "not_allowed")] * 2


def test_prefer_answers_with_the_finished_run(caller, workflow, monkeypatch):
    monkeypatch.setattr(awaiting.time, "sleep", lambda _seconds: execute(Run.objects.get().pk))
    answer = start(caller, workflow, prefer="wait=20")
    assert (answer.status_code, answer.json()["run"]["status"]) == (201, "succeeded")
    assert answer.json()["run"]["finished_at"]
    assert answer["Preference-Applied"] == "wait=20"


def test_prefer_answers_202_while_it_goes_on(caller, workflow, monkeypatch):
    times = iter(range(0, 1_000, 5))
    monkeypatch.setattr(awaiting.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(awaiting.time, "monotonic", lambda: next(times))
    answer = start(caller, workflow, prefer="wait=20")
    assert (answer.status_code, answer.json()["run"]["status"]) == (202, "queued")


def test_prefer_answers_at_once_while_others_wait(caller, workflow, monkeypatch):
    monkeypatch.setattr(awaiting.time, "sleep", pytest.fail)
    with ExitStack() as others:
        for _place in range(awaiting.MOST_AT_ONCE):
            others.enter_context(awaiting.place_to_wait())
        answer = start(caller, workflow, prefer="wait=20")
        assert (answer.status_code, answer.json()["run"]["status"]) == (202, "queued")
        assert "Preference-Applied" not in answer
        execute(Run.objects.get().pk)
        assert start(caller, workflow, prefer="wait=20").status_code == 200


def test_the_mode_is_chosen_where_both_are_possible(caller):
    both = active(CHARGE, scope={"mode": "both", "accounts": "own"})
    assert start(caller, both, {"charge": "ch_1"}).status_code == 409
    assert start(caller, both, {"charge": "ch_1"}, livemode=True).status_code == 201
    assert Run.objects.get().livemode is True


NEEDS = {"choice": {"choices": ["fast", "cheap"]}, "stripe_id": {"of": "charge"}}


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_of_the_inputs_says_what_is_taken(api_for, make_user, caller, kind):
    workflow = active({"name": "it", "kind": kind, "label": "This one", **NEEDS.get(kind, {})})
    answer = api_for(make_user("view_workflow", username="reader")).get(f"workflows/{workflow.pk}/invoke/")
    schema = Draft202012Validator(answer.json()["inputs"])
    good = GOOD[kind][0]
    assert schema.is_valid({"it": good})
    assert schema.is_valid({})
    assert not schema.is_valid({"it": good, "colour": "red"})
    assert start(caller, workflow, {"it": good}).status_code == 201
    (wrong,) = BAD[kind][:1]
    assert start(caller, workflow, {"it": wrong}, key="order-2").status_code == 400


def test_a_workflow_that_does_not_start_on_demand_has_no_inputs(api_for, make_user):
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow)
    reader = api_for(make_user("view_workflow", username="reader"))
    answer = reader.get(f"workflows/{workflow.pk}/invoke/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert "does not start on demand" in answer.json()["error"]["message"]
    assert reader.get("workflows/999/invoke/").status_code == 404


def test_a_lost_answer_is_given_again_whatever_became_of_the_workflow(caller, workflow):
    first = start(caller, workflow)
    editing.update(workflow, on_demand(AMOUNT), revision=workflow.revision)
    lifecycle.activate(workflow)
    assert start(caller, workflow, version=1).json()["run"] == first.json()["run"]
    lifecycle.deactivate(workflow)
    again = start(caller, workflow)
    assert (again.status_code, again.json()["run"]) == (200, first.json()["run"])
    other = start(caller, workflow, {"charge": "ch_2"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert start(caller, workflow, key="order-2").json()["error"]["code"] == "not_allowed"
    assert Run.objects.count() == 1
