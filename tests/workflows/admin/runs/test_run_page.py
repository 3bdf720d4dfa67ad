import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stripeflow.actions import errors, registry
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import on_runs
from tests.workflows.documents import action, branch, compare, failing, group, usd, way
from tests.workflows.events import payment
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
HUGE = group(compare("trigger.amount", "greater_than", usd(9999)))


def page(client, run):
    response = client.get(reverse("admin:stripeflow_workflows_run_change", args=[run.pk]))
    assert response.status_code == 200
    return response.content.decode()


def words(client, run):
    """The page's text, without markup."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", page(client, run)))
    return " ".join(text.split())


def test_shows_head_trigger_and_steps(browser, make_run):
    run = make_run(action("one", text="{{ trigger.id }}"), conditions=LARGE, name="Thank")
    text = words(browser, run)
    for part in (
        "Thank",
        "Succeeded",
        "Payment intent succeeded",
        "v1",
        run.event.external_id,
        "Amount was $2,000.00 USD, which is greater than $1,000.00 USD.",
        "Record",
        "pi_test",
    ):
        assert part in text


def test_shows_which_branch_was_taken_and_why_the_others_were_not(browser, make_run):
    run = make_run(
        branch(
            "size",
            way("huge", HUGE, {**action("two", text="a"), "name": "Never"}),
            way("large", LARGE, {**action("three", text="b"), "name": "Surely"}),
        )
    )
    text = words(browser, run)
    assert "Not taken If amount is greater than $9,999.00 USD" in text
    assert "Amount was $2,000.00 USD, which is not greater than $9,999.00 USD." in text
    assert "Skipped: Never" in text
    assert "Taken If amount is greater than $1,000.00 USD" in text
    assert "Not evaluated All other cases" in text
    assert page(browser, run).count('id="step-three"') == 1
    assert 'id="step-two"' not in page(browser, run)


def test_a_failed_step_says_what_happened_and_what_to_do(browser, recorder, make_run):
    run = make_run(action("one", text="{{ trigger.latest_charge }}"), action("two", text="b"))
    text = words(browser, run)
    assert "Failed" in text
    assert "Give the reference a “default”" in text
    assert "Not reached" in text


def test_a_waiting_step_shows_its_error_and_the_next_attempt(browser, recorder, make_run):
    recorder.then(errors.TransientError("Try later."))
    run = make_run(action("one", text="a"), action("two", text="b"))
    text = words(browser, run)
    assert "Try later." in text
    assert "Next attempt" in text
    assert "Still to come" in text


def test_an_earlier_try_stays_beside_a_retry(browser, recorder, make_run):
    recorder.then(errors.PermanentError("Refused."))
    run = make_run(action("one", text="a"))
    on_runs.retry(run, on_runs.Act(browser.user, "Fixed the key."))
    execute(run.pk)
    text = words(browser, run)
    assert "Try 1: Failed" in text
    assert "Refused." in text
    assert "Fixed the key. staff" in text


def test_a_run_that_has_not_started_can_be_shown(browser, make_run):
    run = make_run(action("one", text="a"), branch("size", way("large", LARGE)), executed=False)
    assert "Still to come" in words(browser, run)


def test_without_the_permission_no_value_is_on_the_page(blind, make_run):
    run = make_run(
        action("one", text="{{ trigger.customer }} {{ trigger.amount }}"),
        branch("size", way("large", LARGE, action("two", text="{{ steps.one.text }}"))),
        conditions=LARGE,
        obj=payment(234_567),
    )
    text = page(blind, run)
    for value in ("cus_test", "234567", "2,345.67"):
        assert value not in text
    assert "needs the permission to see payloads" in text
    assert "Amount is greater than $1,000.00 USD" in words(blind, run)


def test_secret_inputs_are_hidden_from_everybody(browser, recorder, make_run):
    secret = recording_action(recorder, key="test.secret")
    secret.inputs = (StringInput("text", label="Text", secret=True),)
    with registry.temporarily(secret):
        secret_changes.store("sword", "swordfish")
        run = make_run(action("one", "test.secret", text={"secret": "sword"}))
        assert "swordfish" not in page(browser, run)
        assert "the secret “sword”" in page(browser, run)


def test_inputs_of_an_action_that_is_gone_are_hidden(browser, recorder, make_run):
    with registry.temporarily(recording_action(recorder, key="test.gone")):
        run = make_run(action("one", "test.gone", text="swordfish"))
    run.steps.update(outputs=None)
    assert "swordfish" not in page(browser, run)


def test_values_are_escaped(browser, make_run):
    run = make_run(
        action("one", text="{{ trigger.customer }}"), obj=payment(customer="<script>alert(1)</script>")
    )
    assert "<script>alert" not in page(browser, run)


def test_an_event_of_any_shape_can_be_shown(browser, make_run):
    run = make_run(
        action("one", text="a"), obj={"id": "pi_odd", "object": "payment_intent", "amount": {"a": None}}
    )
    assert page(browser, run)


def test_a_run_whose_conditions_crashed_can_be_shown(browser, make_run):
    run = make_run(action("one", text="a"), executed=False)
    Run.objects.filter(pk=run.pk).update(
        status="failed", error={"code": "conditions_crashed", "message": "They crashed."}
    )
    assert "They crashed." in words(browser, run)


def test_links_lead_to_stripe(browser, make_run):
    run = make_run(action("one", text="a"), obj=payment(id="pi_1AbCdEf"))
    assert "https://dashboard.stripe.com/test/payments/pi_1AbCdEf" in page(browser, run)


def test_takes_as_many_queries_for_many_steps_as_for_one(browser, make_run):
    short = make_run(action("one", text="a"))
    long = make_run(*(action(f"step_{number}", text="a") for number in range(9)))
    page(browser, short)
    with CaptureQueriesContext(connection) as few:
        page(browser, short)
    with CaptureQueriesContext(connection) as many:
        page(browser, long)
    assert len(many) == len(few) <= 14


def test_a_run_that_there_is_not_leads_back(browser):
    response = browser.get(reverse("admin:stripeflow_workflows_run_change", args=["nothing"]))
    assert response.status_code == 302


def test_needs_the_permission(client_for, make_run):
    run = make_run(action("one", text="a"))
    response = client_for("view_workflow").get(
        reverse("admin:stripeflow_workflows_run_change", args=[run.pk])
    )
    assert response.status_code == 403


@pytest.mark.parametrize("name", ["add", "delete"])
def test_history_is_not_written_by_hand(client_for, make_run, name):
    run = make_run(action("one", text="a"))
    browser = client_for("add_run", "change_run", "delete_run", "view_run")
    arguments = [run.pk] if name == "delete" else []
    assert browser.get(reverse(f"admin:stripeflow_workflows_run_{name}", args=arguments)).status_code == 403


def test_sending_a_form_changes_nothing(client_for, make_run):
    run = make_run(action("one", text="a"))
    url = reverse("admin:stripeflow_workflows_run_change", args=[run.pk])
    client_for("change_run", "view_run").post(url, {"status": "queued"})
    run.refresh_from_db()
    assert run.status == "succeeded"


def test_says_that_a_call_was_looked_up(browser, make_run):
    run = make_run(action("one", text="a"))
    assert "looked up" not in words(browser, run)
    run.steps.update(look_up="found")
    assert "Found when it was looked up: it had happened, and was not sent again." in words(browser, run)


def named(key, name):
    return {**action(key, text=key), "name": name}


def test_says_that_an_error_was_handled_by_its_error_branch(browser, make_run, recorder):
    recorder.then(errors.PermanentError("The card is gone."))
    run = make_run(failing(action("one", text="a"), named("two", "Rescue")), named("three", "Behind"))
    text = words(browser, run)
    assert "A step failed, and its error branch handled the error." in text
    assert text.index("The card is gone.") < text.index("Error handled by its error branch.")
    assert "Rescue" in text
    assert "Not reached" in text[text.rindex("Behind") :]


def test_says_that_an_error_branch_has_not_ended_yet(browser, make_run, recorder):
    recorder.then(errors.PermanentError("Gone."), errors.TransientError("Busy."))
    run = make_run(failing(action("one", text="a"), named("two", "Rescue")), named("three", "Behind"))
    text = words(browser, run)
    assert "Its error branch runs in place of what follows." in text
    assert "Still to come" not in text


def test_an_error_branch_that_was_not_taken_is_not_in_the_way(browser, make_run):
    run = make_run(failing(action("one", text="a"), named("two", "Rescue")), named("three", "Behind"))
    text = words(browser, run)
    assert "handled" not in text
    assert "Still to come" not in text
    assert "All steps are done." in text


def test_an_unknown_step_of_an_error_branch_is_asked_about(browser, make_run, recorder):
    recorder.then(errors.PermanentError("Gone."), errors.UnknownOutcome("Nobody answered."))
    run = make_run(failing(action("one", text="a"), action("two", "test.ask", text="b")))
    response = browser.get(reverse("admin:stripeflow_workflows_run_change", args=[run.pk]))
    assert response.context["unknown"].card.key == "two"
