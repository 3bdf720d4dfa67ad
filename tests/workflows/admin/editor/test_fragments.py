"""What the canvas asks for: a piece of a page instead of all of it, from the same addresses."""

import pytest

from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import form_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow(editor):
    return lifecycle.create(template("fraud_warnings").document({"recipients": ["editor"]}))


def asked(target):
    return {"HX-Request": "true", "HX-Target": target}


def get(client, where, target="sf-panel-body"):
    return client.get(where, headers=asked(target)).content.decode()


def test_a_piece_comes_without_the_page_around_it(editor, workflow):
    page = get(editor, address(workflow.steps.get(key="refund_charge")))
    assert 'data-sf-fragment="piece"' in page
    assert 'id="step_form"' in page
    assert "<html" not in page
    assert "<html" in editor.get(address(workflow.steps.get(key="refund_charge"))).content.decode()


def test_forms_know_their_address_inside_the_panel(editor, workflow):
    where = address(workflow.trigger)
    assert f'action="{where}"' in get(editor, where)


def test_the_canvas_is_drawn_again_with_the_state(editor, workflow):
    page = get(editor, address(workflow), "sf-canvas")
    assert 'data-sf-fragment="canvas"' in page
    assert 'id="sf-canvas" data-place-url' in page
    assert '<div id="sf-state" hx-swap-oob="true">' in page
    assert "<html" not in page
    assert 'id="workflow_form"' not in page


def test_a_saved_piece_closes_the_panel_and_says_so(editor, workflow):
    where = address(workflow.steps.get(key="refund_charge"))
    sent = form_on(editor.get(where), "step_form") | {"_save": "1", "name": "Give it back"}
    response = editor.post(where, sent, headers=asked("sf-panel-body"), follow=True)
    page = response.content.decode()
    assert 'data-sf-fragment="closed"' in page
    assert "Saved: Give it back." in page
    assert "<html" not in page


def test_a_refused_form_stays_in_the_panel(editor, workflow):
    where = address(workflow.steps.get(key="refund_charge"))
    sent = form_on(editor.get(where), "step_form") | {"_save": "1", "inputs-amount_amount": "a lot"}
    page = editor.post(where, sent, headers=asked("sf-panel-body")).content.decode()
    assert 'data-sf-fragment="piece"' in page
    assert "is not an amount" in page


def test_other_targets_get_the_whole_page(editor, workflow):
    assert "<html" in get(editor, address(workflow), "something-else")


def test_the_preview_alone_is_reported_again_while_the_form_is_changed(editor, workflow):
    where = address(workflow.steps.get(key="email_team"))
    sent = form_on(editor.get(where), "step_form") | {"_preview": "1", "inputs-subject": "New words"}
    page = editor.post(where, sent, headers=asked("sf-preview")).content.decode()
    assert page.strip().startswith('<section class="sf-preview"')
    assert "New words" in page
    assert "<form" not in page
    assert not workflow.steps.filter(inputs__subject="New words").exists()
