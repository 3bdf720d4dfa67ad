"""A thin event that is not fetched yet: nothing starts on it, or is rehearsed on it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from stripeflow.triggers import inbox
from stripeflow.triggers.models import Event, FetchState
from stripeflow.workflows.maintenance.retention import prune
from stripeflow.workflows.matching.why import explain
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle, replay
from stripeflow.workflows.operations.replay_outcomes import Outcome
from stripeflow.workflows.rehearsal.backtest import Span, backtest
from stripeflow.workflows.rehearsal.drafts import NotRehearsable, script_of
from stripeflow.workflows.rehearsal.stored import recent_events
from stripeflow.workflows.rehearsal.trials import rehearse_event
from stripeflow.workflows.versions.plans import plan_of
from tests.workflows.documents import action, document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

TYPE = "payment_intent.succeeded"


@pytest.fixture
def workflow():
    """One that every event of its type starts."""
    found = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(found)
    return found


@pytest.fixture
def thin(workflow):
    payload = {
        "id": "evt_thin",
        "object": "v2.core.event",
        "type": TYPE,
        "created": timezone.now().isoformat(),
        "livemode": False,
        "related_object": {"id": "pi_1", "type": "payment_intent", "url": "/v1/payment_intents/pi_1"},
    }
    return inbox.accept_stripe(payload).event


def test_the_api_tells_how_far_it_is(thin, api_of_staff):
    Event.objects.update(match_attempts=2, match_error="Stripe answered 503.")
    found = api_of_staff.get(f"/api/v1/events/{thin.pk}/").json()
    assert (found["fetch_state"], found["match_attempts"]) == ("pending", 2)
    assert found["match_error"] == "Stripe answered 503."
    (verdict,) = api_of_staff.get(f"/api/v1/events/{thin.pk}/why/").json()["verdicts"]
    assert verdict["reason"] == "not_fetched"


def test_the_pages_tell_it(thin, api_of_staff):
    Event.objects.update(match_attempts=2, match_error="Stripe answered 503.")
    page = api_of_staff.get(reverse("admin:stripeflow_triggers_event_change", args=[thin.pk]))
    assert "To be fetched" in page.content.decode()
    assert "Stripe answered 503." in page.content.decode()
    why = api_of_staff.get(reverse("admin:stripeflow_workflows_run_why_event", args=[thin.pk]))
    assert "have not been fetched" in why.content.decode()


@pytest.fixture
def api_of_staff(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("boss"))
    return client


def test_nothing_starts(thin):
    inbox.sweep()
    assert not Run.objects.exists()


def test_it_says_why(thin):
    assert [verdict.reason for verdict in explain(thin)] == ["not_fetched"]


def test_a_replay_leaves_it_alone(thin, workflow):
    version = workflow.active_version
    assert plan_of(version.pk).trigger.topics == (TYPE,)
    (judged,) = replay.preview([thin], version)
    assert judged.outcome is Outcome.NOT_FETCHED
    assert replay.execute([thin], version).started == ()
    assert not Run.objects.exists()


def test_nothing_is_rehearsed_on_it(thin, workflow):
    script = script_of(workflow, None)
    with pytest.raises(NotRehearsable, match="not been fetched"):
        rehearse_event(script, thin, payloads=True)
    assert list(recent_events(script.trigger, script.workflow.pk)) == []
    assert backtest(script, Span.of_days(1)).total == 0


@pytest.mark.parametrize(("state", "events"), [(FetchState.PENDING, 0), (FetchState.FAILED, 1)])
def test_what_could_not_be_fetched_is_emptied_with_the_rest(thin, state, events):
    Event.objects.update(fetch_state=state, received_at="2020-01-01T00:00:00Z")
    assert prune(timedelta(days=30)).events == events


def test_what_could_not_be_fetched_waits_no_longer(thin):
    assert Event.objects.unmatched().count() == 1
    Event.objects.update(fetch_state=FetchState.FAILED)
    assert Event.objects.unmatched().count() == 0
