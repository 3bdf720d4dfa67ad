"""Every problem leads to the page where it is mended, and to a box that stands there."""

import pytest

from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.documents import action, branch, compare, document, failing, group, way

pytestmark = pytest.mark.django_db

COMPLETE = {"to": ["editor"], "subject": "a", "body": "b"}
UNKNOWN = group(compare("trigger.currency", "equal", "usd"), compare("trigger.nothing", "equal", "a"))
INCOMPLETE = {
    "no event": document(action("one", "email.team_member"), event_type=""),
    "trigger conditions": document(action("one", "email.team_member"), conditions=UNKNOWN),
    "inputs": document(
        action("one", "email.team_member", subject="{{ trigger.nothing }}"),
        action("two", "stripe.refunds.create", amount="{{ trigger.nothing }}"),
    ),
    "a branch without conditions": document(
        branch("choice", way("yes", {"match": "all", "conditions": []}, action("in", "email.team_member")))
    ),
    "a branch's conditions": document(
        branch("choice", way("yes", UNKNOWN, action("in", "email.team_member")))
    ),
    "retries": document(
        {**action("one", "email.team_member"), "retry": {"base_seconds": 60, "cap_seconds": 1}}
    ),
    "no steps": document(),
}


def addresses(client, workflow):
    return [one.url for one in client.get(address(workflow)).context["mends"]["errors"]]


@pytest.mark.parametrize("kind", INCOMPLETE)
def test_each_problem_leads_to_a_box_that_is_there(editor, kind):
    workflow = lifecycle.create(INCOMPLETE[kind])
    found = addresses(editor, workflow)
    assert found
    for url in found:
        page, _hash, box = url.partition("#")
        shown = editor.get(page)
        assert shown.status_code == 200
        assert not box or any(f'id="{one}"' in shown.content.decode() for one in (box, f"{box}_0"))
        assert box or "/step/add/" in page


def test_who_may_only_look_is_led_to_the_card(client_with, editor):
    workflow = lifecycle.create(INCOMPLETE["inputs"])
    found = addresses(client_with("view_workflow"), workflow)
    assert set(found) == {"#step-one", "#step-two"}


def test_an_error_branch_without_steps_is_mended_on_the_canvas(editor):
    workflow = lifecycle.create(document(failing(action("one", "email.team_member", **COMPLETE))))
    assert addresses(editor, workflow) == ["#branch-one-error"]


def test_each_problem_is_reported_with_the_title_of_its_step(editor):
    first = {**action("one", "email.team_member"), "name": "Thank the customer"}
    second = {**action("two", "email.team_member"), "name": "Tell the team"}
    workflow = lifecycle.create(document(first, second, conditions=UNKNOWN))
    for page in (address(workflow), address(workflow, "activate")):
        shown = editor.get(page)
        told = [(one.place, one.problem.message) for one in shown.context["mends"]["errors"]]
        for title in ("Thank the customer", "Tell the team"):
            assert (title, "“To” is required.") in told
            assert f"<li>{title}: <a" in shown.content.decode()
        assert [one.place for one in shown.context["mends"]["warnings"]] == ["Trigger"]
