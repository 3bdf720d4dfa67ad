"""The three workflows, built from nothing by the forms, are what the templates make."""

import copy
import json

import pytest
from django.contrib.auth.models import Permission

from stripeflow.workflows.models import Branch, Step, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill, form_with

pytestmark = pytest.mark.django_db


def condition(client, home, number=0, **boxes):
    """Fill one row of conditions on the page of `home`."""
    prefix = {"trigger": "conditions", "branch": "conditions", "condition": "children"}[home._meta.model_name]
    given = {f"{prefix}-{number}-{name}": value for name, value in boxes.items()}
    response = fill(client, address(home), f"{home._meta.model_name}_form", **given)
    assert response.status_code == 302
    return response


def add_step(client, workflow, action, *, branch=None, position=0, **boxes):
    """Add an action step by its two pages; returns its row."""
    place = {"workflow": workflow.pk, "position": position} | ({"branch": branch.pk} if branch else {})
    gallery = client.get(address("step", "add", **place))
    assert f"action={action}" in gallery.content.decode()
    response = fill(client, address("step", "add", **place, action=action), "step_form", **boxes)
    assert response.status_code == 302
    return Step.objects.filter(workflow=workflow).latest("pk")


def add_branch(client, workflow, position):
    """Add a branch step from the gallery; returns its first branch, on whose page one lands."""
    workflow.refresh_from_db()
    where = address("step", "add_block", kind="branch", workflow=workflow.pk, position=position)
    response = client.post(where, {"revision": workflow.revision})
    way = Branch.objects.filter(step__workflow=workflow, otherwise=False).latest("pk")
    assert response.url == address(way)
    return way


def thank_you(recipient):
    return {
        "name": "Ask for a thank-you note",
        "inputs-to": [recipient],
        "inputs-subject": "A large order: add a thank-you note",
        "inputs-body": "Please add a handwritten thank-you note to this order before it is shipped.",
        "inputs-append-0-name": "Customer ID",
        "inputs-append-0-value": '{{ trigger.customer | default("none (a guest)") }}',
        "inputs-append-1-name": "Amount",
        "inputs-append-1-value": "{{ trigger.amount | money }}",
    }


def without_names(document):
    """The document without what people call things, and with keys numbered in reading order."""
    text = copy.deepcopy(document)
    text.pop("name")
    text.pop("description")
    keys = {}

    def strip(steps):
        for step in steps:
            keys[step["key"]] = f"step_{len(keys)}"
            step["key"] = keys[step["key"]]
            step["name"] = ""
            for number, branch in enumerate(step.get("branches", ())):
                branch["key"], branch["name"] = f"branch_{number}", ""
                strip(branch["steps"])

    strip(text["steps"])
    written = json.dumps(text, sort_keys=True)
    for key, plain in keys.items():
        written = written.replace(f"steps.{key}.", f"steps.{plain}.")
    return written


def assert_as_template(workflow, key, **values):
    version = lifecycle.activate(workflow)
    wanted = template(key).document({"recipients": ["editor"], **values})
    assert without_names(version.document) == without_names(wanted)


def test_personalize_orders(editor, new_workflow):
    workflow = new_workflow("Personalize orders")
    condition(editor, workflow.trigger, chosen="trigger.amount", operator="greater_than", text="1,000")
    add_step(editor, workflow, "email.team_member", **thank_you("editor"))
    assert_as_template(workflow, "personalize_orders")


def test_tag_valuable_customers(editor, new_workflow):
    workflow = new_workflow("Tag valuable customers")
    condition(editor, workflow.trigger, chosen="trigger.amount", operator="greater_than", text="1,000")
    add_step(editor, workflow, "email.team_member", **thank_you("editor"))
    way = add_branch(editor, workflow, position=1)
    condition(editor, way, chosen="trigger.amount", operator="greater_than", text="2,000")
    condition(editor, way, 1, chosen="trigger.customer", operator="is_not_empty")
    add_step(
        editor,
        workflow,
        "stripe.customers.update",
        branch=way,
        name="Tag the customer as VIP",
        **{
            "inputs-customer": "{{ trigger.customer }}",
            "inputs-metadata-0-name": "Tier",
            "inputs-metadata-0-value": "VIP",
        },
    )
    assert_as_template(workflow, "tag_customers")


def test_fraud_warnings(editor, new_workflow):
    workflow = new_workflow("Fraud warnings", "radar.early_fraud_warning.created")
    retrieve = add_step(
        editor,
        workflow,
        "stripe.charges.retrieve",
        name="Retrieve the charge",
        **{"inputs-charge": "{{ trigger.charge }}"},
    )
    root = f"steps.{retrieve.key}"
    way = add_branch(editor, workflow, position=1)
    condition(editor, way, chosen=f"{root}.amount", operator="less_than", text="15")
    add_step(
        editor,
        workflow,
        "stripe.refunds.create",
        branch=way,
        **{
            "inputs-charge": f"{{{{ {root}.id }}}}",
            "inputs-amount_amount": f"{{{{ {root}.amount }}}}",
            "inputs-max_amount_amount": "15",
            "inputs-or_rest": "true",
        },
    )
    otherwise = way.step.branches.get(otherwise=True)
    add_step(
        editor,
        workflow,
        "email.team_member",
        branch=otherwise,
        **{
            "inputs-to": ["editor"],
            "inputs-subject": "Early fraud warning: please investigate",
            "inputs-body": "The card's issuer suspects fraud on this charge. Please look into it.",
            "inputs-append-0-name": "Charge ID",
            "inputs-append-0-value": f"{{{{ {root}.id }}}}",
            "inputs-append-1-name": "Amount",
            "inputs-append-1-value": f"{{{{ {root}.amount | money }}}}",
        },
    )
    assert_as_template(workflow, "fraud_warnings")


def test_a_template_becomes_an_own_copy(editor):
    where = address("workflow", "templates") + "tag_customers/"
    page = editor.get(where)
    assert page.context["form"]["recipients"].value() == ["editor"]
    sent = form_with(page, "valuable_amount") | {"name": "Our VIPs", "valuable_amount": "3,000"}
    response = editor.post(where, sent)
    workflow = Workflow.objects.get(name="Our VIPs")
    assert response.url == address(workflow)
    assert (workflow.owner.username, workflow.template_key) == ("editor", "tag_customers")
    assert_as_template(workflow, "tag_customers", valuable={"amount": 300000, "currency": "usd"})


def test_the_activation_page_activates(editor, new_workflow, django_user_model):
    workflow = new_workflow()
    add_step(editor, workflow, "email.team_member", **thank_you("editor"))
    page = editor.get(address(workflow, "activate")).content.decode()
    assert "This workflow sends values of events out" in page
    assert editor.post(address(workflow, "activate"), {"revision": workflow.revision}).status_code == 403
    user = django_user_model.objects.get(username="editor")
    user.user_permissions.add(Permission.objects.get(codename="view_payload"))
    response = fill_activation(editor, workflow, note="First")
    workflow.refresh_from_db()
    assert response.url == address(workflow)
    assert (workflow.status, workflow.active_version.note) == ("active", "First")
    assert workflow.active_version.author == django_user_model.objects.get(username="editor")


def fill_activation(client, workflow, **boxes):
    where = address(workflow, "activate")
    workflow.refresh_from_db()
    assert client.get(where).status_code == 200
    return client.post(where, {"revision": workflow.revision, **boxes})


def test_money_needs_its_own_permission(editor, django_user_model):
    workflow = lifecycle.create(template("fraud_warnings").document({"recipients": ["editor"]}))
    page = editor.get(address(workflow, "activate"))
    assert "You may not activate it" in page.content.decode()
    response = editor.post(address(workflow, "activate"), {"revision": workflow.revision})
    assert response.status_code == 403
    user = django_user_model.objects.get(username="editor")
    needed = ["run_money_moving_workflow", "view_payload"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=needed))
    response = editor.post(address(workflow, "activate"), {"revision": workflow.revision})
    workflow.refresh_from_db()
    assert (response.status_code, workflow.status) == (302, "active")


def test_changing_customers_needs_its_own_permission(editor, django_user_model):
    workflow = lifecycle.create(template("tag_customers").document({"recipients": ["editor"]}))
    user = django_user_model.objects.get(username="editor")
    user.user_permissions.add(*Permission.objects.filter(codename="view_payload"))
    assert "Activating it requires the “change customers”" in editor.get(address(workflow)).content.decode()
    page = editor.get(address(workflow, "activate")).content.decode()
    assert "<b>This workflow changes customers.</b>" in page
    assert "the permission “Can activate and run workflows that change customers”" in page
    response = editor.post(address(workflow, "activate"), {"revision": workflow.revision})
    assert response.status_code == 403
    user.user_permissions.add(*Permission.objects.filter(codename="run_customer_changing_workflow"))
    response = editor.post(address(workflow, "activate"), {"revision": workflow.revision})
    workflow.refresh_from_db()
    assert (response.status_code, workflow.status) == (302, "active")
