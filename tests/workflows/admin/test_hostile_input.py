import html
import re

import pytest

from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill, form_on

pytestmark = pytest.mark.django_db

XSS = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def workflow(editor):
    return lifecycle.create(template("fraud_warnings").document({"recipients": ["editor"]}))


def test_names_and_inputs_are_escaped_on_every_page(editor, workflow):
    Workflow.objects.filter(pk=workflow.pk).update(name=XSS, description=XSS)
    workflow.steps.update(name=XSS)
    email = workflow.steps.get(key="email_team")
    email.inputs = {"subject": XSS, "body": XSS, "append": [{"label": XSS, "value": XSS}], "to": [XSS]}
    email.save()
    step = workflow.steps.get(key="is_small")
    step.branches.update(name=XSS)
    workflow.trigger.conditions.create(field="trigger.charge", operator="equal", value=XSS)
    pages = [
        address("workflow", "changelist"),
        address(workflow),
        address(workflow, "activate"),
        address(workflow, "history"),
        address(workflow.trigger),
        address(email),
        address(email, "delete"),
        address(step),
        address(step.branches.first()),
        address("step", "add", workflow=workflow.pk, position=0),
    ]
    found = [page for page in pages if XSS[:8] + "alert" in editor.get(page).content.decode()]
    assert found == []


def test_the_preview_carries_no_markup_of_the_form(editor, workflow):
    email = workflow.steps.get(key="email_team")
    page = fill(
        editor, address(email), "step_form", "_preview", **{"inputs-subject": XSS, "inputs-body": XSS}
    )
    assert "<script>alert" not in page.content.decode()
    assert "<script>alert" not in page.context["preview"].preview.html


def test_the_preview_stays_within_its_frame(editor, workflow):
    email = workflow.steps.get(key="email_team")
    page = fill(editor, address(email), "step_form", "_preview", **{"inputs-body": XSS})
    found = re.search(r'<iframe sandbox="" [^>]*srcdoc="([^"]*)"></iframe>', page.content.decode())
    assert html.unescape(found[1]) == page.context["preview"].preview.html


def test_a_script_can_not_leave_the_data_of_the_page(editor, workflow):
    workflow.steps.filter(key="retrieve_charge").update(name="</script><script>alert(1)</script>")
    page = editor.get(address(workflow.steps.get(key="email_team"))).content.decode()
    assert "</script><script>alert(1)" not in page


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"workflow": 999},
        {"workflow": "x"},
        {"workflow": "1" * 30},
        {"workflow": "{own}", "position": "-1"},
        {"workflow": "{own}", "position": "x"},
        {"workflow": "{own}", "branch": "999"},
        {"workflow": "{own}", "branch": "{other}"},
        {"workflow": "{own}", "action": "acme.fax"},
        {"workflow": "{own}", "action": ""},
    ],
)
def test_places_that_do_not_exist_are_not_found(editor, workflow, query):
    other = lifecycle.create(template("tag_customers").document({"recipients": ["editor"]}))
    branch = other.steps.get(key="is_valuable").branches.first()
    names = {"own": workflow.pk, "other": branch.pk}
    where = {name: str(value).format(**names) for name, value in query.items()}
    assert editor.get(address("step", "add", **where)).status_code == 404
    assert editor.post(address("step", "add", **where), {"revision": 1}).status_code == 404


@pytest.mark.parametrize("revision", ["", "x", None])
def test_a_button_without_a_revision_is_not_found(editor, workflow, revision):
    step = workflow.steps.get(key="retrieve_charge")
    sent = {"direction": "down"} | ({} if revision is None else {"revision": revision})
    assert editor.post(address(step, "move"), sent).status_code == 404


def test_a_direction_that_is_none_is_not_found(editor, workflow):
    step = workflow.steps.get(key="retrieve_charge")
    assert editor.post(address(step, "move"), {"direction": "out", "revision": 1}).status_code == 404


def test_a_form_without_a_revision_saves_nothing(editor, workflow):
    step = workflow.steps.get(key="retrieve_charge")
    sent = form_on(editor.get(address(step)), "step_form") | {"name": "Taken", "_save": "1"}
    del sent["revision"]
    assert editor.post(address(step), sent).status_code == 200
    assert not workflow.steps.filter(name="Taken").exists()


def test_action_and_place_of_a_saved_step_are_not_changed_by_its_form(editor, workflow):
    step = workflow.steps.get(key="retrieve_charge")
    sent = {
        "action": "stripe.refunds.create",
        "key": "taken",
        "workflow": "999",
        "branch": "1",
        "position": "9",
    }
    fill(editor, address(step), "step_form", **sent)
    step.refresh_from_db()
    assert (step.action, step.key, step.position) == ("stripe.charges.retrieve", "retrieve_charge", 0)


@pytest.mark.parametrize(
    "boxes",
    [
        {"conditions-TOTAL_FORMS": "x"},
        {"conditions-TOTAL_FORMS": "100000"},
        {"conditions-0-kind": "made_up"},
        {"conditions-0-path": "}} {{", "conditions-0-operator": "equal", "conditions-0-text": "1"},
        {"conditions-0-path": "x" * 5000},
        {"conditions-0-chosen": "trigger.charge", "conditions-0-operator": "__init__"},
        {
            "conditions-0-chosen": "trigger.charge",
            "conditions-0-operator": "equal",
            "conditions-0-text": "{{ a }}",
        },
        {
            "conditions-0-chosen": "trigger.created",
            "conditions-0-operator": "after",
            "conditions-0-text": "9" * 4000,
        },
        {"conditions-0-order": "99999999999999999999", "conditions-0-chosen": "trigger.charge"},
        {"event_type": "x" * 5000},
        {"match": "made_up"},
    ],
)
def test_hostile_rows_are_refused_and_save_nothing(editor, workflow, boxes):
    before = lifecycle.to_document(workflow)
    response = fill(editor, address(workflow.trigger), "trigger_form", **boxes)
    assert response.status_code == 200
    assert lifecycle.to_document(workflow) == before


def test_name_of_an_attribute_is_a_key_that_no_event_has(editor, workflow):
    boxes = {"chosen": "trigger.__class__", "operator": "equal", "text": "1"}
    sent = {f"conditions-0-{name}": value for name, value in boxes.items()}
    assert fill(editor, address(workflow.trigger), "trigger_form", **sent).status_code == 302
    found = validate(lifecycle.to_document(workflow)).problems.warnings
    assert "unknown_field" in [problem.code for problem in found]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_characters_that_no_database_keeps_do_no_harm(editor, workflow, text):
    step = workflow.steps.get(key="email_team")
    response = fill(
        editor, address(step), "step_form", **{"inputs-subject": text.encode(errors="replace").decode()}
    )
    assert response.status_code in (200, 302)
    assert editor.get(address(workflow)).status_code == 200


def test_a_template_refuses_people_who_are_not_staff(editor):
    where = address("workflow", "templates") + "personalize_orders/"
    sent = {"name": "Mine", "minimum_amount": "1", "minimum_currency": "usd", "recipients": ["stranger"]}
    assert editor.post(where, sent).status_code == 200
    assert not Workflow.objects.exists()


def test_an_unknown_template_is_not_found(editor):
    assert editor.get(address("workflow", "templates") + "made_up/").status_code == 404
