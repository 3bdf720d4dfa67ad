"""A type of trigger whose events are each for one workflow: nothing else is started or shown by them."""

import json
from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.models import Event
from stripeflow.triggers.types import registry
from stripeflow.workflows.admin.editor import preview, seen
from stripeflow.workflows.admin.editor.asked_values import scope_of
from stripeflow.workflows.admin.runs.missed import missed_by
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.matching.addressed import NotAddressable, Occurrence, accept_for
from stripeflow.workflows.matching.why import explain
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.monitoring.metrics import event_totals
from stripeflow.workflows.operations import lifecycle, replay
from stripeflow.workflows.rehearsal.backtest import Span, backtest
from stripeflow.workflows.rehearsal.drafts import NotRehearsable, script_of
from stripeflow.workflows.rehearsal.stored import recent_events
from stripeflow.workflows.rehearsal.trials import rehearse_event, rehearse_payload, rehearse_sample
from tests.workflows.admin.addresses import address
from tests.workflows.api.conftest import Api
from tests.workflows.documents import action, document
from tests.workflows.fake_trigger import ParcelIsSent, ParcelIsSentToSomeone

pytestmark = pytest.mark.django_db

TEST_MODE = {"mode": "test", "accounts": "own"}


@pytest.fixture(autouse=True)
def _installed(recorder, queue):
    event_totals.forget()
    with registry.temporarily(ParcelIsSent):
        yield
    event_totals.forget()


def parcel(depot="Berlin", scope=TEST_MODE, **more):
    made = document(action("one", text="{{ trigger.sender }}"), **more)
    nothing = {"match": "all", "conditions": []}
    made["trigger"] = {"type": "parcel", "depot": depot, "scope": scope, "conditions": nothing}
    return made


def active(**options):
    workflow = lifecycle.create(parcel(**options))
    lifecycle.activate(workflow)
    return workflow


def sends(workflow, identity="1", sender="Acme", **about):
    occurrence = Occurrence(identity, timezone.now(), {"weight": 20, "sender": sender}, **about)
    return accept_for(workflow.active_version, occurrence)


def test_starts_its_workflow_and_no_other_that_listens_to_the_same(recorder):
    workflow, _other = active(), active()
    assert (sends(workflow).started, sends(workflow).created) == (1, False)
    run = Run.objects.get()
    assert run.workflow == workflow
    execute(run.pk)
    assert recorder.texts == ["Acme"]


def test_two_workflows_may_give_their_events_the_same_identity():
    first, second = active(), active()
    assert [sends(one).started for one in (first, second)] == [1, 1]
    assert list(Run.objects.order_by("workflow").values_list("workflow", flat=True)) == [first.pk, second.pk]


def _copied(workflow):
    return lifecycle.duplicate(workflow)


def _imported(workflow):
    return lifecycle.create(json.loads(json.dumps(to_document(workflow))))


@pytest.mark.parametrize("made", [_copied, _imported])
def test_a_copy_and_an_import_are_workflows_of_their_own(made):
    workflow = active()
    other = made(workflow)
    lifecycle.activate(other)
    assert to_document(other)["trigger"] == to_document(workflow)["trigger"]
    sends(other)
    assert Run.objects.get().workflow == other


def test_a_workflow_with_another_name_and_version_goes_on():
    workflow = active()
    Workflow.objects.filter(pk=workflow.pk).update(name="Other")
    lifecycle.activate(workflow)
    assert (sends(workflow).started, sends(workflow, "2").started) == (1, 1)


def test_what_is_sent_to_a_workflow_that_is_not_active_starts_nothing_and_is_offered_for_replay():
    workflow = active()
    version = workflow.active_version
    other = active()
    lifecycle.deactivate(workflow)
    lifecycle.deactivate(other)
    assert accept_for(version, Occurrence("1", timezone.now() + timedelta(seconds=1))).started == 0
    assert (missed_by(workflow).count, missed_by(other)) == (1, None)


def test_an_event_that_does_not_name_a_workflow_starts_none():
    workflow = active()
    assert TriggerPlan.of(parcel()["trigger"]).topics == ("arrived.Berlin",)
    assert workflow.activations.get().topic == f"arrived.Berlin:{workflow.pk}"


def test_why_not_asks_its_workflow_only():
    workflow, _other = active(), active()
    assert [(one.workflow, one.reason) for one in explain(sends(workflow).event)] == [(workflow, "started")]


def test_dry_runs_and_back_tests_see_its_own_events_only():
    workflow, other = active(), active()
    event = sends(workflow).event
    mine, others = script_of(workflow), script_of(other)
    assert [len(backtest(one, Span.of_days(1)).matches) for one in (mine, others)] == [1, 0]
    assert [list(recent_events(one.trigger, one.workflow.pk)) for one in (mine, others)] == [[event], []]
    assert rehearse_event(mine, event, payloads=True).found.steps[0].inputs == {"text": "Acme"}
    with pytest.raises(NotRehearsable, match="for another workflow"):
        rehearse_event(others, event, payloads=True)


def test_a_sample_and_a_payload_know_no_workflow():
    script = script_of(active())
    assert rehearse_sample(script).found.steps[0].inputs == {"text": "Sample sender"}
    assert rehearse_payload(script, sends(active()).event.payload).found.steps[0].inputs == {"text": "Acme"}


def test_a_replay_takes_its_own_events_only():
    workflow, other = active(), active()
    event = sends(workflow).event
    assert replay.select(other.active_version, since=event.created) == []
    assert replay.select(workflow.active_version, since=event.created) == [event]
    (judged,) = replay.preview([event], other.active_version)
    assert judged.outcome == "other_type"


def test_the_editor_shows_values_of_its_own_events_only(admin_user):
    workflow, other = active(), active()
    sends(workflow)
    trigger = TriggerPlan.of(parcel()["trigger"])
    request = RequestFactory().get("/")
    request.user = admin_user
    known = Known(trigger)
    shown = {
        one: (
            bool(seen.seen_values(trigger, one.pk)),
            bool(preview.recent_events(request, trigger, one)),
            scope_of(request, known, one)[1] != "sample data",
        )
        for one in (workflow, other)
    }
    assert shown == {workflow: (True, True, True), other: (False, False, False)}


def test_lists_and_metrics_name_the_type_once(admin_client):
    first, second = active(), active(depot="Bonn")
    for one in (first, second, active()):
        sends(one)
    assert event_totals.read(timezone.now()) == {"arrived.Berlin": 2, "arrived.Bonn": 1}
    page = admin_client.get(address("run", "changelist", event_type="arrived.Berlin")).content.decode()
    assert page.count(">Parcel arrives at Berlin</a>") == 1
    assert "2 runs" in page
    assert "Parcel arrives at Berlin" in admin_client.get(address("workflow", "changelist")).content.decode()


def test_the_api_shows_it_without_the_workflow(admin_user, settings):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    workflow = Api(admin_user).post("workflows/", parcel()).json()
    assert workflow["event_types"] == ["arrived.Berlin"]
    assert workflow["definition"]["trigger"] == parcel()["trigger"]


def test_the_trigger_does_not_ask_about_events_that_workflows_cause(admin_client):
    page = admin_client.get(address(active().trigger)).content.decode()
    assert 'name="mode"' in page
    assert "caused_events" not in page


@pytest.mark.parametrize(
    ("scope", "codes"),
    [
        (TEST_MODE, []),
        ({"mode": "live", "accounts": ["acct_1"]}, []),
        ({"mode": "both", "accounts": "own"}, ["several_modes"]),
        ({"mode": "live", "accounts": "all"}, ["several_accounts"]),
        ({"mode": "live", "accounts": "connected"}, ["several_accounts"]),
        ({"mode": "live", "accounts": ["acct_1", "acct_2"]}, ["several_accounts"]),
        ({"mode": "live", "accounts": []}, ["no_accounts"]),
        ({"mode": "both", "accounts": "all"}, ["several_modes", "several_accounts"]),
    ],
)
def test_its_scope_has_to_leave_one_mode_and_one_account(scope, codes):
    workflow = lifecycle.create(parcel(scope=scope))
    assert _codes(workflow) == codes


def _codes(workflow):
    try:
        lifecycle.activate(workflow)
    except DefinitionError as error:
        return [one.code for one in error.problems]
    return []


@pytest.mark.parametrize(
    ("scope", "side"),
    [(TEST_MODE, (False, "")), ({"mode": "live", "accounts": ["acct_1"]}, (True, "acct_1"))],
)
def test_an_event_is_of_the_mode_and_account_of_the_scope(scope, side):
    sends(active(scope=scope))
    event, run = Event.objects.get(), Run.objects.get()
    assert AccountMode.of(event) == AccountMode.of(run) == side
    assert (event.payload["livemode"], event.payload.get("account", "")) == side


@pytest.fixture
def chosen_side(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(registry._types, "parcel", ParcelIsSentToSomeone())
        yield


def test_where_the_sender_chooses_any_side_of_the_scope_is_taken(chosen_side):
    workflow = active(scope={"mode": "both", "accounts": ["acct_1", "acct_2"]})
    with pytest.raises(NotAddressable, match="Choose one of each"):
        sends(workflow)
    with pytest.raises(NotAddressable, match="does not list"):
        sends(workflow, side=AccountMode(True, "acct_3"))
    assert sends(workflow, side=AccountMode(True, "acct_2")).started == 1
    assert AccountMode.of(Run.objects.get()) == (True, "acct_2")


def test_what_it_is_about_finds_the_run():
    sends(active(), about="ch_1")
    assert Run.objects.get().object_id == "ch_1"


def test_a_workflow_that_starts_on_something_else_cannot_be_sent_one():
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow)
    with pytest.raises(NotAddressable, match="does not start it in this way"):
        sends(workflow)
    assert not Event.objects.exists()


def test_a_topic_leaves_room_for_the_workflow():
    assert _codes(lifecycle.create(parcel("B" * 72))) == []
    assert _codes(lifecycle.create(parcel("B" * 73))) == ["topic_too_long"]
