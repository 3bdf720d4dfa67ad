"""“Test” and “Back-test” in the admin: pages that only read."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.triggers.models import Event
from stripeflow.workflows.admin.publishing import rehearsal
from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.conftest import EDITOR
from tests.workflows.documents import action, branch, compare, document, group, usd, way
from tests.workflows.events import accept, payment
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
SIZES = branch(
    "size",
    way("large", LARGE, action("big", text="Thank {{ trigger.customer }}")),
    otherwise=(action("small", text="b"),),
)
SEES = (*EDITOR, "view_event", "view_payload")


@pytest.fixture
def seer(client_with):
    """The browser of an editor who may see payloads."""
    return client_with(*SEES, username="seer")


@pytest.fixture
def workflow(recorder, queue):
    return lifecycle.create(document(SIZES))


def where(workflow, name="test"):
    return reverse(f"admin:stripeflow_workflows_workflow_{name}", args=[workflow.pk])


def get(client, workflow, name="test", *, panel=False, **query):
    headers = {"HX-Request": "true", "HX-Target": "sf-panel-body"} if panel else {}
    response = client.get(where(workflow, name), query, headers=headers)
    assert response.status_code == 200
    return response


def words(response):
    text = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return " ".join(text.split())


def marks(response):
    found = {}
    cards = list(response.context["canvas"].cards)
    while cards:
        card = cards.pop()
        found[card.key] = card.mark.state
        for one in card.ways:
            found[f"{card.key}/{one.key}"] = one.mark.state
            cards += one.cards
    return found


def test_the_newest_event_lights_its_way(seer, workflow, recorder):
    accept(payment(100), created=1_000)
    newest = accept(payment(200_000), created=2_000)
    response = get(seer, workflow)
    assert marks(response) == {
        "size": "would_run",
        "size/large": "taken",
        "size/otherwise": "not_needed",
        "big": "would_run",
        "small": "not_reached",
    }
    text = words(response)
    for part in (
        newest.external_id,
        "All steps would run.",
        "Amount was $2,000.00 USD, which is greater than $1,000.00 USD.",
        "Thank cus_test",
        "Nothing was sent",
    ):
        assert part in text
    assert recorder.calls == []
    assert not Run.objects.exists()


def test_another_event_takes_another_way(seer, workflow):
    accept(payment(200_000), created=2_000)
    older = accept(payment(100), created=1_000)
    for query in ({"event": older.external_id}, {"event": "sample", "other": f" {older.external_id} "}):
        assert marks(get(seer, workflow, **query))["size/otherwise"] == "taken"


def test_a_sample_is_marked_as_such(seer, workflow):
    text = words(get(seer, workflow, event="sample"))
    assert "sample data" in text
    assert "The event was made up." in text


def test_without_events_the_sample_is_taken(seer, workflow):
    assert get(seer, workflow).context["page"].trial.given.is_sample


def test_conditions_that_are_not_met_stop_it_unless_asked(seer, recorder, queue):
    workflow = lifecycle.create(document(SIZES, conditions=LARGE))
    accept(payment(100))
    response = get(seer, workflow)
    assert "The workflow would not start." in words(response)
    assert set(marks(response).values()) == {"not_reached"}
    response = get(seer, workflow, anyway="on")
    assert marks(response)["small"] == "would_run"
    assert "although the workflow would not start" in words(response)


def test_a_version_can_be_tried_beside_the_draft(seer, workflow):
    lifecycle.activate(workflow)
    editing.update(workflow, document(action("new", text="a")), revision=workflow.revision)
    accept(payment())
    assert set(marks(get(seer, workflow))) == {"new"}
    assert "big" in marks(get(seer, workflow, version="1"))


@pytest.mark.parametrize("number", ["2", "x", "-1", "²", "9" * 30])
def test_a_version_that_is_none_is_refused_softly(seer, workflow, number):
    response = get(seer, workflow, version=number)
    assert response.context["script"].version is None


def test_objects_of_other_events_are_distinguished_from_made_up_ones(seer, recorder, queue):
    steps = [
        action("get", "stripe.charges.retrieve", charge="{{ trigger.latest_charge }}"),
        action("mail", text="{{ steps.get.amount | money }}"),
    ]
    workflow = lifecycle.create(document(*steps))
    accept(payment(latest_charge="ch_1"), created=1_000)
    text = words(get(seer, workflow))
    assert "Made up, with what is known put in." in text
    assert "Some of its inputs come from the made-up outputs of: Retrieve a charge." in text
    stored = accept(
        {"id": "ch_1", "object": "charge", "amount": 4_300, "currency": "usd"}, type="charge.updated"
    )
    text = words(get(seer, workflow))
    assert f"As the stored event {stored.external_id} shows it." in text
    assert "$43.00 USD" in text
    assert "made-up outputs" not in text


def test_a_step_that_would_fail_says_why(seer, recorder, queue):
    workflow = lifecycle.create(document(action("one", text="{{ trigger.latest_charge }}")))
    accept(payment())
    text = words(get(seer, workflow))
    assert "The run would stop with an error." in text
    assert "Would fail" in text


def test_secret_inputs_are_hidden(seer, recorder, queue):
    secret = recording_action(recorder, key="test.secret")
    secret.inputs = (StringInput("text", label="Text", secret=True),)
    with registry.temporarily(secret):
        secret_changes.store("sword", "swordfish")
        workflow = lifecycle.create(document(action("one", "test.secret", text={"secret": "sword"})))
        shown = get(seer, workflow).content.decode()
        assert "swordfish" not in shown
        assert "Would run" in words(get(seer, workflow))


def test_shows_the_message_that_would_be_sent(seer, queue):
    mail = action("mail", "email.team_member", to=["seer"], subject="Paid {{ trigger.id }}", body="Look.")
    workflow = lifecycle.create(document(mail))
    accept(payment())
    text = words(get(seer, workflow))
    assert "Paid pi_test" in text
    assert "seer@example.com" in text


def test_a_draft_without_an_event_says_what_to_do(seer, queue):
    workflow = lifecycle.create(document(event_type=""))
    assert "Choose what starts the workflow first." in words(get(seer, workflow))


@pytest.mark.parametrize("event", ["evt_never", "\x00", "x" * 300])
def test_an_event_that_never_arrived_is_said_so(seer, workflow, event):
    response = get(seer, workflow, event=event)
    assert "No event with this ID has arrived." in words(response)
    assert response.context["page"] is None


def test_an_event_of_another_type_is_refused(seer, workflow):
    other = accept(payment(), type="payment_intent.created")
    assert "does not start on events of the type" in words(get(seer, workflow, event=other.external_id))


def test_an_emptied_event_is_refused(seer, workflow):
    event = accept(payment())
    Event.objects.update(pruned_at="2026-01-01T00:00:00Z", stored_payload={}, raw_body="")
    assert "emptied because of its age" in words(get(seer, workflow, event=event.external_id))


def test_values_are_escaped(seer, workflow):
    accept(payment(customer="<script>alert(1)</script>"))
    assert "<script>alert" not in get(seer, workflow).content.decode()


# In the panel


def test_in_the_panel_the_editor_s_canvas_is_lit(seer, workflow):
    page = get(seer, workflow, panel=True).content.decode()
    assert 'data-sf-fragment="piece"' in page
    assert 'id="sf-canvas" hx-swap-oob="true" data-sf-marked' in page
    assert 'href="#dry-run-big" data-sf-show' in page
    assert "data-sf-place" in page
    assert "<html" not in page


def test_a_page_of_its_own_has_no_links_to_edit(seer, workflow):
    page = get(seer, workflow).content.decode()
    assert "<html" in page
    assert "data-sf-place" not in page
    assert "hx-swap-oob" not in page


def test_the_canvas_of_a_version_has_no_links_to_edit(seer, workflow):
    lifecycle.activate(workflow)
    assert "data-sf-place" not in get(seer, workflow, panel=True, version="1").content.decode()


def test_an_archived_workflow_can_be_tried_and_not_edited(seer, workflow):
    lifecycle.archive(workflow)
    page = get(seer, workflow, panel=True).content.decode()
    assert "dry-run-trigger" in page
    assert "data-sf-place" not in page


def test_the_editor_leads_there(seer, workflow):
    page = seer.get(reverse("admin:stripeflow_workflows_workflow_change", args=[workflow.pk]))
    assert f'href="{where(workflow)}"' in page.content.decode()


# Who may


@pytest.mark.parametrize("name", ["test", "backtest"])
def test_needs_the_permission(client_with, workflow, name):
    client = client_with("view_run", "view_event", "view_payload")
    assert client.get(where(workflow, name)).status_code == 403


@pytest.mark.parametrize("name", ["test", "backtest"])
def test_only_reads(seer, workflow, name):
    assert seer.post(where(workflow, name)).status_code == 405


@pytest.mark.parametrize("name", ["test", "backtest"])
def test_a_workflow_that_there_is_not(seer, queue, name):
    url = reverse(f"admin:stripeflow_workflows_workflow_{name}", args=[9999])
    assert seer.get(url).status_code == 404


@pytest.mark.parametrize("version", [{}, {"version": "1"}])
def test_stored_events_are_tried_only_by_who_may_see_payloads(client_with, workflow, version):
    """Also on a version: its conditions may be one's own, and would tell what payloads hold."""
    lifecycle.activate(workflow)
    event = accept(payment(234_567, customer="cus_secret"))
    client = client_with(*EDITOR, "view_event", username="blind")
    response = get(client, workflow, event=event.external_id, **version)
    assert response.context["page"] is None or response.context["page"].trial.event is None
    for value in ("cus_secret", "2,345.67"):
        assert value not in response.content.decode()
    counted = get(client, workflow, "backtest", days="7", **version)
    assert "found" not in counted.context
    for page in (response, counted):
        assert "needs the permissions to view events and to see payloads" in words(page)


def test_takes_as_many_queries_for_many_steps_as_for_one(seer, recorder, queue):
    short = lifecycle.create(document(action("one", text="a")))
    long = lifecycle.create(document(*(action(f"step_{number}", text="a") for number in range(50))))
    accept(payment())
    get(seer, short)
    with CaptureQueriesContext(connection) as few:
        get(seer, short)
    with CaptureQueriesContext(connection) as many:
        get(seer, long)
    assert len(many) == len(few)


# Back-test


def test_counts_and_adds_up(seer, recorder, queue):
    refund = action("refund", "stripe.refunds.create", charge="ch_1", amount="{{ trigger.amount }}")
    workflow = lifecycle.create(document(refund, conditions=LARGE))
    matching = accept(payment(200_000))
    accept(payment(100))
    text = words(get(seer, workflow, "backtest", days="7"))
    assert "1 of 2 events would have started it." in text
    assert "$2,000.00 USD would have been refunded." in text
    assert "Not met: 1" in text
    assert matching.external_id in text


def test_nothing_is_looked_at_before_it_is_asked_for(seer, workflow):
    accept(payment())
    assert "would have started it" not in words(get(seer, workflow, "backtest"))


def test_says_how_many_could_not_be_reported(seer, queue):
    workflow = lifecycle.create(document(action("refund", "stripe.refunds.create", charge="ch_1")))
    accept(payment())
    assert "1 step moves money that is not in the sums" in words(get(seer, workflow, "backtest", days="7"))


def test_says_how_far_it_looked(seer, workflow, monkeypatch):
    found = rehearsal.backtest

    def short(script, span):
        result = found(script, span)
        result.looked_at, result.ran_out_of_time = 3, True
        return result

    monkeypatch.setattr(rehearsal, "backtest", short)
    for _number in range(5):
        accept(payment())
    text = words(get(seer, workflow, "backtest", days="7"))
    assert "Looked at the newest 3 of 5 events." in text
    assert "It took too long" in text


def test_pages_of_one_list_belong_together(seer, workflow, monkeypatch):
    monkeypatch.setattr(rehearsal, "_PER_PAGE", 2)
    events = [accept(payment(id=f"pi_{number}")) for number in range(5)]
    page = get(seer, workflow, "backtest", days="7").content.decode()
    following = html.unescape(re.search(r'href="([^"]+page=2)"', page)[1])
    accept(payment(id="pi_later"), created=4_000_000_000)
    seen = seer.get(following).content.decode()
    assert [event.object_id in seen for event in events] == [False, True, True, False, False]
    assert "pi_later" not in seen


@pytest.mark.parametrize(
    "query", [{"days": "0"}, {"days": "x"}, {"days": "9999"}, {"days": "7", "until": "x"}]
)
def test_days_that_can_not_be_used_are_refused(seer, workflow, query):
    accept(payment())
    assert "would have started it" not in words(get(seer, workflow, "backtest", **query))


def test_each_match_leads_to_its_test(seer, workflow):
    event = accept(payment(200_000))
    page = get(seer, workflow, "backtest", days="7").content.decode()
    assert f"{where(workflow)}?event={event.external_id}" in page


def test_a_draft_that_can_not_be_tried_says_so(seer, queue):
    workflow = lifecycle.create(document(event_type=""))
    assert "Choose what starts the workflow first." in words(get(seer, workflow, "backtest", days="7"))
