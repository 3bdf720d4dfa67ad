import pytest

from stripeflow.triggers.models import Event
from stripeflow.workflows.models import Branch, Step, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import errors_of, fill, form_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow(editor):
    return lifecycle.create(template("tag_customers").document({"recipients": ["editor"]}))


@pytest.fixture
def email(workflow):
    return workflow.steps.get(key="email_team")


def names(workflow, branch=None):
    return list(Step.objects.filter(workflow=workflow, branch=branch).values_list("position", "key"))


def test_a_step_is_added_between_others(editor, workflow):
    where = address("step", "add", workflow=workflow.pk, position=1, action="email.team_member")
    fill(editor, where, "step_form", **{"inputs-subject": "Hello"})
    assert names(workflow) == [(0, "email_team"), (1, "email_a_team_member"), (2, "is_valuable")]


def test_keys_are_unique_and_come_from_the_name(editor, workflow):
    where = address("step", "add", workflow=workflow.pk, position=9, action="email.team_member")
    for _again in range(2):
        fill(editor, where, "step_form", name="Tell Zoë & co.")
    assert [key for _position, key in names(workflow)][2:] == ["tell_zoe_co", "tell_zoe_co_2"]


def test_a_step_is_saved_without_its_required_inputs_and_shows_the_problems(editor, workflow):
    where = address("step", "add", workflow=workflow.pk, position=0, action="email.team_member")
    response = fill(editor, where, "step_form", **{"inputs-subject": ""})
    step = workflow.steps.get(position=0, branch=None)
    assert response.url.startswith(address(step))
    told = editor.get(response.url).content.decode()
    assert "“Subject” is required." in told
    assert "3 problems:" in told
    assert editor.get(address(workflow)).content.decode().count("“Subject” is required.") == 2


def test_what_is_still_required_is_reported_once(editor, workflow):
    where = address("step", "add", workflow=workflow.pk, position=0, action="email.team_member")
    told = fill(editor, where, "step_form", **{"inputs-subject": ""}).url
    less = fill(editor, told, "step_form", **{"inputs-subject": "Hello"}).url
    step = workflow.steps.get(position=0, branch=None)
    assert less.startswith(address(step))
    assert less != told
    assert fill(editor, less, "step_form").url == address(workflow) + f"#step-{step.key}"


def test_the_subject_of_a_new_email_is_the_workflows_name(editor, workflow):
    where = address("step", "add", workflow=workflow.pk, position=0, action="email.team_member")
    assert form_on(editor.get(where), "step_form")["inputs-subject"] == workflow.name


def test_what_was_typed_is_shown_again_and_not_saved(editor, workflow, email):
    sent = form_on(editor.get(address(email)), "step_form") | {"inputs-subject": "Typed", "_restore": "1"}
    response = editor.post(address(email), sent)
    page = response.content.decode()
    assert form_on(response, "step_form")["inputs-subject"] == "Typed"
    assert "data-sf-unsaved" in page
    assert "data-sf-unsaved" not in editor.get(address(email)).content.decode()
    email.refresh_from_db()
    assert email.inputs["subject"] != "Typed"


@pytest.mark.parametrize("piece", ["trigger", "branch"])
def test_typed_conditions_are_shown_again_and_not_saved(editor, workflow, piece):
    branch = workflow.steps.get(key="is_valuable").branches.get(otherwise=False)
    obj, form_id = {"trigger": (workflow.trigger, "trigger_form"), "branch": (branch, "branch_form")}[piece]
    before = lifecycle.to_document(workflow)
    sent = form_on(editor.get(address(obj)), form_id) | {"conditions-0-text": "4,321", "_restore": "1"}
    response = editor.post(address(obj), sent)
    assert form_on(response, form_id)["conditions-0-text"] == "4,321"
    assert lifecycle.to_document(Workflow.objects.get(pk=workflow.pk)) == before


def test_an_error_is_counted_and_linked_in_the_footer(editor, workflow, email):
    response = fill(editor, address(email), "step_form", **{"inputs-subject": "x" * 300})
    page = response.content.decode()
    assert "1 problem:" in page
    assert '<a href="#id_inputs-subject" data-sf-box>Subject</a>' in page
    assert 'data-sf-focus="id_inputs-subject"' in page


def test_a_wrong_input_is_reported_beside_it_and_kept(editor, workflow):
    where = address("step", "add", workflow=workflow.pk, position=0, action="stripe.refunds.create")
    response = fill(editor, where, "step_form", **{"inputs-amount_amount": "a lot", "inputs-charge": "ch_1"})
    assert any("“a lot” is not an amount" in error for error in errors_of(response))
    assert form_on(response, "step_form")["inputs-charge"] == "ch_1"
    assert workflow.steps.count() == 3


def test_steps_move(editor, workflow, email):
    editor.post(address(email, "move"), {"direction": "down", "revision": workflow.revision})
    assert names(workflow) == [(0, "is_valuable"), (1, "email_team")]


def test_an_action_step_is_duplicated(editor, workflow, email):
    editor.post(address(email, "duplicate"), {"revision": workflow.revision})
    copy = workflow.steps.get(key="email_team_2")
    assert names(workflow)[1] == (1, "email_team_2")
    assert (copy.inputs, copy.name) == (email.inputs, "Ask for a thank-you note (copy)")


def test_a_branch_step_is_deleted_with_what_is_inside(editor, workflow):
    step = workflow.steps.get(key="is_valuable")
    page = editor.get(address(step, "delete")).content.decode()
    assert "Tag the customer as VIP" in page
    editor.post(address(step, "delete"), {"revision": workflow.revision})
    assert names(workflow) == [(0, "email_team")]
    assert not Branch.objects.filter(step__workflow=workflow).exists()


def test_deleting_a_step_that_others_use_leaves_problems(editor):
    workflow = lifecycle.create(template("fraud_warnings").document({"recipients": ["editor"]}))
    step = workflow.steps.get(key="retrieve_charge")
    page = editor.get(address(step, "delete")).content.decode()
    assert "Is it less than the dispute fee?" in page
    assert "Refund the charge" in page
    editor.post(address(step, "delete"), {"revision": workflow.revision})
    page = editor.get(address(workflow))
    assert page.status_code == 200
    assert len(page.context["outline"].problems) >= 4
    assert "sf-card-wrong" in page.content.decode()


def test_a_branch_step_starts_with_one_branch_and_all_other_cases(editor, workflow):
    where = address("step", "add_block", kind="branch", workflow=workflow.pk, position=0)
    response = editor.post(where, {"revision": workflow.revision})
    step = workflow.steps.get(position=0, branch=None)
    assert [(way.key, way.otherwise) for way in step.branches.all()] == [
        ("branch_1", False),
        ("otherwise", True),
    ]
    assert response.url == address(step.branches.first())


def test_branches_are_added_before_all_other_cases(editor, workflow):
    step = workflow.steps.get(key="is_valuable")
    editor.post(address(step, "branch"), {"revision": workflow.revision})
    assert [way.key for way in step.branches.all()] == ["valuable", "branch_2", "otherwise"]


def test_branches_are_named_ordered_and_removed(editor, workflow):
    step = workflow.steps.get(key="is_valuable")
    for revision in (1, 2):
        editor.post(address(step, "branch"), {"revision": revision})
    changes = {"branches-0-DELETE": "on", "branches-1-name": "Second", "branches-2-order": "1"}
    fill(editor, address(step), "step_form", **changes)
    assert [(way.key, way.name) for way in step.branches.all()] == [
        ("branch_3", ""),
        ("branch_2", "Second"),
        ("otherwise", ""),
    ]


def test_the_last_branch_with_conditions_stays(editor, workflow):
    step = workflow.steps.get(key="is_valuable")
    response = fill(editor, address(step), "step_form", **{"branches-0-DELETE": "on"})
    assert errors_of(response) == [
        "Keep at least one branch with conditions. To remove them all, delete the whole step."
    ]
    assert step.branches.count() == 2


def test_all_other_cases_is_not_among_the_rows_to_delete(editor, workflow):
    step = workflow.steps.get(key="is_valuable")
    page = editor.get(address(step))
    sent = form_on(page, "step_form")
    assert sent["branches-TOTAL_FORMS"] == "1"
    assert "All other cases" in page.content.decode()
    otherwise = step.branches.get(otherwise=True)
    forged = sent | {"branches-0-id": str(otherwise.pk), "branches-0-DELETE": "on", "_save": "1"}
    editor.post(address(step), forged)
    assert step.branches.filter(otherwise=True).exists()


def test_a_step_whose_action_is_not_installed_keeps_its_inputs(editor, workflow, email):
    email.action, email.inputs = "acme.fax", {"number": "<b>123</b>"}
    email.save()
    page = editor.get(address(email)).content.decode()
    assert "This action is not installed" in page
    assert "&lt;b&gt;123&lt;/b&gt;" in page
    fill(editor, address(email), "step_form", name="Fax it")
    email.refresh_from_db()
    assert (email.name, email.action, email.inputs) == ("Fax it", "acme.fax", {"number": "<b>123</b>"})
    assert "Not installed" in editor.get(address(workflow)).content.decode()


def test_values_of_the_trigger_and_earlier_steps_are_offered(editor):
    workflow = lifecycle.create(template("fraud_warnings").document({"recipients": ["editor"]}))
    page = editor.get(address(workflow.steps.get(key="email_team"))).content.decode()
    assert "<code>{{ trigger.charge }}</code>" in page
    assert "<code>{{ steps.retrieve_charge.amount }}</code>" in page
    first = editor.get(address(workflow.steps.get(key="retrieve_charge"))).content.decode()
    assert "steps.retrieve_charge.amount" not in first


def test_a_new_step_is_offered_only_what_comes_before_its_place(editor):
    workflow = lifecycle.create(template("fraud_warnings").document({"recipients": ["editor"]}))
    where = {"workflow": workflow.pk, "action": "email.team_member"}
    first = editor.get(address("step", "add", position=0, **where)).content.decode()
    second = editor.get(address("step", "add", position=1, **where)).content.decode()
    branch = workflow.steps.get(key="is_small").branches.first()
    inside = editor.get(address("step", "add", position=0, branch=branch.pk, **where)).content.decode()
    offered = ["steps.retrieve_charge.amount" in page for page in (first, second, inside)]
    assert offered == [False, True, True]


def test_the_preview_shows_the_unsaved_form_with_sample_data(editor, email, mailoutbox):
    boxes = {"inputs-subject": "New subject", "inputs-body": "For {{ trigger.amount | money }}"}
    page = fill(editor, address(email), "step_form", "_preview", **boxes)
    shown = page.context["preview"].preview
    assert (shown.subject, shown.recipients) == ("New subject", ("editor@example.com",))
    assert "For $2,000.00 USD" in shown.text
    assert 'sandbox=""' in page.content.decode()
    email.refresh_from_db()
    assert email.inputs["subject"] != "New subject"
    assert mailoutbox == []


def test_the_preview_of_a_step_that_is_not_saved_yet(editor, workflow):
    where = address("step", "add", workflow=workflow.pk, position=0, action="email.team_member")
    page = fill(editor, where, "step_form", "_preview", **{"inputs-subject": "Hello"})
    assert page.context["preview"].preview.subject == "Hello"
    assert workflow.steps.count() == 3


def test_the_preview_says_which_value_is_missing(editor, email):
    page = fill(editor, address(email), "step_form", "_preview", **{"inputs-body": "{{ trigger.made_up }}"})
    assert "“Payment intent” has no “made_up”" in page.context["preview"].error


@pytest.fixture
def event(db):
    return Event.objects.create(
        external_id="evt_recent",
        source="stripe",
        type="payment_intent.succeeded",
        created="2026-01-01T00:00:00Z",
        payload={"data": {"object": {"amount": 4200, "currency": "eur", "customer": None}}},
    )


def test_recent_events_are_for_those_who_may_see_payloads(editor, client_with, email, event):
    assert "evt_recent" not in editor.get(address(email)).content.decode()
    refused = fill(editor, address(email), "step_form", "_preview", preview_event=str(event.pk))
    assert "$2,000.00 USD" in refused.context["preview"].preview.text
    client = client_with("change_workflow", "view_payload", username="other")
    assert "evt_recent" in client.get(address(email)).content.decode()
    page = fill(client, address(email), "step_form", "_preview", preview_event=str(event.pk))
    assert "€42.00 EUR" in page.context["preview"].preview.text


def test_a_branch_step_says_what_it_does_if_a_condition_is_unknown(editor, workflow):
    step = workflow.steps.get(key="is_valuable")
    page = editor.get(address(step)).content.decode()
    assert "Default: take “All other cases”" in page
    fill(editor, address(step), "step_form", if_undecided="stop")
    step.refresh_from_db()
    assert step.if_undecided == "stop"
    fill(editor, address(step), "step_form", if_undecided="")
    step.refresh_from_db()
    assert step.if_undecided == ""


@pytest.mark.parametrize(
    ("kind", "own", "words"),
    [
        ("stripe.refunds.create", "", "stop for a person"),
        ("email.team_member", "", "stop for a person"),
        ("stripe.charges.retrieve", "", "take “All other cases”"),
        ("email.team_member", "stop", "stop for a person"),
        ("stripe.refunds.create", "otherwise", "take “All other cases”"),
    ],
)
def test_the_card_of_a_branch_step_says_which_rule_applies(editor, workflow, kind, own, words):
    step = workflow.steps.get(key="is_valuable")
    Step.objects.filter(pk=step.pk).update(if_undecided=own)
    last = step.branches.get(otherwise=True)
    Step.objects.create(workflow=workflow, branch=last, position=9, key="last", action=kind)
    Step.objects.filter(branch__step=step).exclude(key="last").delete()
    page = editor.get(address(workflow)).content.decode()
    assert f"<b>If a condition is unknown</b> {words}</span>" in page


def test_the_form_says_why_a_branch_step_stops_by_default(editor, workflow):
    step = workflow.steps.get(key="is_valuable")
    last = step.branches.get(otherwise=True)
    Step.objects.create(workflow=workflow, branch=last, key="last", action="stripe.refunds.create")
    page = editor.get(address(step)).content.decode()
    assert "Default: stop for a person" in page
    assert "since a later branch moves money or destroys something." in page


def test_the_form_says_that_all_other_cases_act_as_well(editor, workflow):
    step = workflow.steps.get(key="is_valuable")
    last = step.branches.get(otherwise=True)
    Step.objects.create(workflow=workflow, branch=last, key="last", action="email.team_member")
    page = editor.get(address(step)).content.decode()
    assert "stop for a person, since “All other cases” acts as well." in page
