"""What the references of an unsaved form mean: labels, values, and what is wrong with them."""

import pytest

from stripeflow.triggers.models import Event
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow(editor):
    return lifecycle.create(template("fraud_warnings").document({"recipients": ["editor"]}))


@pytest.fixture
def email(workflow):
    return workflow.steps.get(key="email_team")


def asked(client, where, *texts):
    response = client.post(where, {"text": texts})
    assert response.status_code == 200
    return response.json()


def test_a_reference_is_reported_with_its_value(editor, email):
    text = "{{ steps.retrieve_charge.amount | money }}"
    answer = asked(editor, address(email, "values"), text)
    told = {"label": "Retrieve the charge › Amount", "problem": "", "value": "$2,000.00 USD"}
    assert answer == {"texts": {text: told}, "source": "sample data"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "{{ item.made_up }}",
            "“Made up” is not known here.",
        ),
        (
            "{{ steps.gone.id }}",
            "“ID” is of a step “Gone”, which this workflow does not have.",
        ),
        ("{{ trigger.charge | money }}", "The filter “money” has no meaning for an ID."),
        ("{{ trigger.charge | shout }}", "There is no filter “shout”."),
        ("{{ trigger. }}", ""),
    ],
)
def test_a_broken_one_says_why(editor, email, text, problem):
    told = asked(editor, address(email, "values"), text)["texts"][text]
    assert told["problem"]
    assert problem in told["problem"]
    assert told["value"] == ""


def test_one_that_nobody_lists_is_warned_of(editor, email):
    text = '{{ trigger.made_up | default("none") }}'
    told = asked(editor, address(email, "values"), text)["texts"][text]
    assert (told["problem"], told["value"]) == ("", "none")
    assert told["warning"].startswith("“made_up” is not in Stripe")


def test_a_place_for_a_new_step_knows_what_comes_before_it(editor, workflow):
    text = "{{ steps.retrieve_charge.id }}"
    for position, is_known in ((0, False), (1, True)):
        where = address("step", "add_values", workflow=workflow.pk, position=position)
        assert (asked(editor, where, text)["texts"][text]["problem"] == "") is is_known


def test_an_error_branch_knows_the_error(editor, workflow):
    step = workflow.steps.get(key="retrieve_charge")
    branch = step.branches.create(key="on_error", on_error=True)
    step.on_error = "branch"
    step.save()
    where = address("step", "add_values", workflow=workflow.pk, branch=branch.pk, position=0)
    text = "{{ steps.retrieve_charge.error.message }}"
    assert asked(editor, where, text)["texts"][text]["value"] == "What went wrong."


def test_recent_events_are_for_those_who_may_see_payloads(editor, client_with, email):
    Event.objects.create(
        external_id="evt_recent",
        source="stripe",
        type="radar.early_fraud_warning.created",
        created="2026-01-01T00:00:00Z",
        payload={"data": {"object": {"charge": "ch_recent"}}},
    )
    texts = ["{{ trigger.charge }}", "{{ trigger.fraud_type }}"]
    sample = asked(editor, address(email, "values"), *texts)
    assert sample["source"] == "sample data"
    assert sample["texts"][texts[0]]["value"] == "ch_sample"
    client = client_with("change_workflow", "view_payload", username="other")
    recent = asked(client, address(email, "values"), *texts)
    assert recent["source"] == "evt_recent"
    assert recent["texts"][texts[0]]["value"] == "ch_recent"
    # It is known, but this event does not have it.
    assert recent["texts"][texts[1]]["problem"] == ""
    assert "has no “fraud_type”" in recent["texts"][texts[1]]["missing"]


def test_it_is_for_editors_and_for_what_exists(editor, client_with, workflow, email):
    where = address(email, "values")
    place = address("step", "add_values", workflow=workflow.pk, position=0)
    viewer = client_with("view_workflow", "view_payload", username="viewer")
    assert [viewer.post(one, {"text": "x"}).status_code for one in (where, place)] == [403, 403]
    assert [editor.get(one).status_code for one in (where, place)] == [404, 404]
    assert editor.post(where.replace(f"/{email.pk}/", "/999999/"), {}).status_code == 404
    assert editor.post(address("step", "add_values", workflow=999999), {}).status_code == 404


def test_long_and_many_texts_are_cut_off(editor, email):
    answer = asked(
        editor, address(email, "values"), *[f"{{{{ a{number} }}}}" for number in range(300)], "x" * 9_000
    )
    assert len(answer["texts"]) == 200
    long = asked(editor, address(email, "values"), "x" * 9_000)["texts"]
    assert {len(text) for text in long} == {2_000}
