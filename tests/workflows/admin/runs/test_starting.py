"""The page that starts a workflow on demand, and the button that leads to it."""

import pytest
from django.contrib.messages import get_messages

from stripeflow.workflows.drafts import editing
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run, RunOperation
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill, form_on
from tests.workflows.documents import action, compare, document, group
from tests.workflows.on_demand import AMOUNT, CHARGE, REASON, on_demand

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

EVERY = [
    CHARGE,
    REASON,
    AMOUNT,
    {"name": "day", "kind": "date", "label": "Day"},
    {"name": "by_mail", "kind": "yes_no", "label": "By mail"},
    {"name": "weight", "kind": "number", "label": "Weight", "help_text": "In kilograms."},
]
GIVEN = {
    "input-charge": "ch_1",
    "input-reason": "late",
    "input-amount_amount": "1,048.50",
    "input-amount_currency": "usd",
    "input-day": "2026-11-30",
    "input-by_mail": "true",
    "input-weight": "2.5",
    "note": "They called.",
}


@pytest.fixture
def operator(client_for):
    return client_for("view_run", "view_workflow", "change_run", username="operator")


def active(*inputs, **options):
    workflow = lifecycle.create(on_demand(*inputs, **options))
    lifecycle.activate(workflow)
    return workflow


def text_of(response):
    return response.content.decode()


def test_the_form_has_a_field_for_each_input_and_starts_a_run(operator, recorder, settings):
    settings.TIME_ZONE = "UTC"
    names = ("charge", "amount", "day", "by_mail", "weight")
    text = " ".join(f"{{{{ trigger.{name} }}}}" for name in names)
    workflow = active(*EVERY, steps=(action("one", text=text),))
    page = address(workflow, "start")
    shown = text_of(operator.get(page))
    assert all(part in shown for part in ("Charge", "Why", "Amount", "By mail", "In kilograms."))
    answer = fill(operator, page, "start_form", **GIVEN)
    run = Run.objects.get()
    assert answer["Location"] == address(run)
    execute(run.pk)
    assert recorder.texts == ["ch_1 104850 1795996800 true 2.5"]
    done = RunOperation.objects.get()
    assert (done.user_name, done.via, done.note) == ("operator", "admin", "They called.")
    history = text_of(operator.get(address(run)))
    assert "Started on demand" in history
    assert "operator · Admin" in history


def test_the_same_form_sent_twice_starts_one_run(operator):
    workflow = active(CHARGE)
    page = address(workflow, "start")
    form = {**form_on(operator.get(page), "start_form"), "input-charge": "ch_1"}
    first, second = operator.post(page, form), operator.post(page, form)
    assert first["Location"] == second["Location"] == address(Run.objects.get())


@pytest.mark.parametrize("charge", ["ch_1", "wrong id"])
@pytest.mark.parametrize("seen", [{}, {"version": ""}, {"version": "x"}])
def test_only_the_version_that_the_page_describes_is_started(operator, charge, seen):
    workflow = active(CHARGE)
    page = address(workflow, "start")
    form = {**form_on(operator.get(page), "start_form"), "input-charge": charge, **seen}
    lifecycle.activate(workflow)
    shown = operator.post(page, form)
    assert "version 2 is active now. No run was started" in text_of(shown)
    assert "Starts one run of version 2" in text_of(shown)
    assert not Run.objects.exists()
    again = {**form_on(shown, "start_form"), "input-charge": "ch_1"}
    assert operator.post(page, again)["Location"] == address(Run.objects.get())
    assert Run.objects.get().version.number == 2


def test_a_form_sent_again_with_other_inputs_says_so_and_does_not_speak_of_its_hidden_key(operator):
    page = address(active(CHARGE), "start")
    form = form_on(operator.get(page), "start_form")
    operator.post(page, {**form, "input-charge": "ch_1"})
    said = text_of(operator.post(page, {**form, "input-charge": "ch_2"}))
    assert "This form has been sent before. Open it again to start a run." in said
    assert "another key" not in said
    assert Run.objects.count() == 1


def test_what_is_wrong_stays_in_the_form(operator):
    workflow = active(CHARGE, AMOUNT)
    page = address(workflow, "start")
    answer = fill(operator, page, "start_form", **{"input-charge": "cus_1", "input-amount_amount": "much"})
    said = text_of(answer)
    assert "“Charge” must be an ID of the kind “Charge”." in said
    assert "“much” is not an amount" in said
    assert 'value="cus_1"' in said
    assert not Run.objects.exists()


def test_a_reference_is_an_ordinary_text_here(operator, recorder):
    """Who starts a run cannot have a step read what its author did not offer."""
    words = {"name": "words", "kind": "text", "label": "Words"}
    workflow = active(words, steps=(action("one", text="{{ trigger.words }}"),))
    fill(operator, address(workflow, "start"), "start_form", **{"input-words": "{{ event.id }}"})
    execute(Run.objects.get().pk)
    assert recorder.texts == ["{{ event.id }}"]


def test_mode_and_account_are_asked_where_several_fit(operator):
    workflow = active(scope={"mode": "both", "accounts": ["acct_1", "acct_2"]})
    page = address(workflow, "start")
    fill(operator, page, "start_form")
    assert not Run.objects.exists()
    fill(operator, page, "start_form", mode="live", account="acct_2")
    run = Run.objects.get()
    assert (run.livemode, run.account) == (True, "acct_2")


def test_why_no_run_was_started_is_said(operator):
    workflow = active(CHARGE, REASON, conditions=group(compare("trigger.reason", "equal", "broken")))
    given = {"input-charge": "ch_1", "input-reason": "late"}
    page = address(workflow, "start")
    answer = operator.post(page, {**form_on(operator.get(page), "start_form"), **given})
    assert [str(one) for one in get_messages(answer.wsgi_request)] == [
        "No run was started: The trigger conditions were not met."
    ]


def test_looking_starts_nothing(operator):
    page = address(active(), "start")
    assert [getattr(operator, method)(page).status_code for method in ("get", "head")] == [200, 200]
    assert not Run.objects.exists()


def test_a_workflow_that_cannot_be_started_leads_back(operator):
    draft = lifecycle.create(on_demand(CHARGE))
    other = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(other)
    for workflow in (draft, other):
        for answer in (operator.get(address(workflow, "start")), operator.post(address(workflow, "start"))):
            assert answer["Location"] == address(workflow)
    assert not Run.objects.exists()


def test_the_button_is_for_those_who_may(operator, client_for):
    workflow = active(CHARGE)
    button = address(workflow, "start")
    assert button in text_of(operator.get(address(workflow)))
    assert button not in text_of(client_for("view_workflow", username="viewer").get(address(workflow)))
    lifecycle.deactivate(workflow)
    assert button not in text_of(operator.get(address(workflow)))


@pytest.mark.parametrize("inputs", [(), (CHARGE, AMOUNT), (CHARGE, REASON)])
def test_a_form_whose_answer_was_lost_leads_to_its_run_also_after_a_change(operator, inputs):
    workflow = active(CHARGE)
    page = address(workflow, "start")
    form = {**form_on(operator.get(page), "start_form"), "input-charge": "ch_1"}
    operator.post(page, form)
    editing.update(workflow, on_demand(*inputs), revision=workflow.revision)
    lifecycle.activate(workflow)
    assert operator.post(page, form)["Location"] == address(Run.objects.get())
    said = text_of(operator.post(page, {**form, "input-charge": "wrong id"}))
    assert "This form has been sent before." in said
    assert "No run was started" not in said
    lifecycle.deactivate(workflow)
    assert operator.post(page, form)["Location"] == address(Run.objects.get())
