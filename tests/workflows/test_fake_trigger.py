"""One more type of trigger is one module and one entry: with no other edit it does all that Stripe's does."""

import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.triggers import inbox
from stripeflow.triggers.envelope import Envelope
from stripeflow.triggers.types import registry
from stripeflow.workflows.api.secrets import masked_definition
from stripeflow.workflows.audit import kinds as acts
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.display.outline import outline
from stripeflow.workflows.display.words import trigger_sentence
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.history.counts import Range, counts_of
from stripeflow.workflows.history.difference import changes
from stripeflow.workflows.matching.why import explain
from stripeflow.workflows.models import AuditEntry, Run, Workflow
from stripeflow.workflows.operations import lifecycle, on_runs, replay
from stripeflow.workflows.rehearsal.backtest import Span, backtest
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_event, rehearse_payload, rehearse_sample
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.workflow_templates import WorkflowTemplate, temporarily
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill
from tests.workflows.api.conftest import Api
from tests.workflows.documents import EVERYTHING, action, compare, document, group
from tests.workflows.fake_trigger import ParcelArrives

pytestmark = pytest.mark.django_db

HEAVY = group(compare("trigger.weight", "greater_than", 10))


@pytest.fixture(autouse=True)
def _installed(recorder, queue):
    with registry.temporarily(ParcelArrives):
        yield


def parcel(depot="Berlin", *, conditions=HEAVY, **inputs):
    """A document that starts on it."""
    made = document(action("one", text="{{ trigger.sender }}", **inputs), conditions=conditions)
    made["trigger"] = {"type": "parcel", "depot": depot, "scope": EVERYTHING, "conditions": conditions}
    return made


def arrives(depot="Berlin", number=1, **about):
    envelope = Envelope(f"parcel-{number}", f"arrived.{depot}", timezone.now(), source="parcels")
    payload = {"id": envelope.external_id, "object": "event", "type": envelope.type}
    return inbox.accept(envelope, {**payload, "data": {"object": {"weight": 20, "sender": "Acme", **about}}})


def active(**options):
    workflow = lifecycle.create(parcel(**options))
    lifecycle.activate(workflow)
    return workflow


def test_an_event_starts_a_run_that_reads_it(recorder):
    workflow = active()
    accepted = arrives()
    assert (accepted.created, accepted.started) == (True, 1)
    assert (arrives().created, Run.objects.count()) == (False, 1)
    run = Run.objects.get(workflow=workflow)
    execute(run.pk)
    assert recorder.texts == ["Acme"]


@pytest.mark.parametrize("event", [{"depot": "Bonn"}, {"weight": 3}])
def test_another_event_starts_none(event):
    active()
    assert arrives(**event).started == 0


def test_an_event_of_stripes_with_the_same_name_starts_none():
    active()
    envelope = Envelope("evt_1", "arrived.Berlin", timezone.now())
    assert inbox.accept(envelope, {"data": {"object": {"weight": 20}}}).started == 0


def test_why_not_names_the_reason():
    workflow = active()
    (verdict,) = explain(arrives(weight=3).event)
    assert (verdict.workflow, verdict.reason) == (workflow, "not_met")
    assert [one.reason for one in explain(arrives(number=2).event)] == ["started"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"depot": ""}, "/trigger/depot"),
        ({"conditions": group(compare("trigger.height", "greater_than", 1))}, "/trigger/conditions"),
    ],
)
def test_activation_checks_its_settings_and_what_conditions_read(wrong, path):
    workflow = lifecycle.create(parcel(**wrong))
    with pytest.raises(DefinitionError) as raised:
        lifecycle.activate(workflow)
    assert raised.value.problems[0].path.startswith(path)


def test_a_topic_that_is_too_long_is_said_on_the_page_and_at_activation(admin_client):
    workflow = lifecycle.create(parcel("B" * 200))
    assert "have a name of 208 characters" in admin_client.get(address(workflow)).content.decode()
    with pytest.raises(DefinitionError) as raised:
        lifecycle.activate(workflow)
    assert [one.code for one in raised.value.problems] == ["topic_too_long"]


def test_a_setting_that_it_does_not_have_is_refused():
    made = parcel()
    made["trigger"]["event_type"] = "charge.refunded"
    with pytest.raises(DefinitionError):
        lifecycle.create(made)


def test_is_exported_as_it_was_imported_and_compared():
    assert to_document(lifecycle.create(parcel())) == parcel()
    (change,) = changes(parcel(), parcel("Bonn"))
    assert (change.before, change.after) == ("Parcel arrives at Berlin", "Parcel arrives at Bonn")


def test_is_drawn_and_put_into_words():
    card = outline(parcel()).trigger
    assert (card.label, card.category, card.is_chosen) == ("Parcel arrives at Berlin", "Parcels", True)
    assert trigger_sentence(parcel()) == "Parcel arrives at Berlin, if weight is greater than 10"


def test_is_tried_on_a_sample_a_payload_and_stored_events():
    workflow = active()
    script, event = script_of(workflow), arrives().event
    assert rehearse_sample(script).found.steps[0].inputs == {"text": "Sample sender"}
    assert rehearse_payload(script, {"weight": 11, "sender": "Me"}).found.steps[0].inputs == {"text": "Me"}
    assert rehearse_event(script, event, payloads=True).found.steps[0].inputs == {"text": "Acme"}
    assert len(backtest(script, Span.of_days(1)).matches) == 1


def test_an_older_event_is_replayed():
    event = arrives().event
    version = lifecycle.activate(lifecycle.create(parcel()))
    (run,) = replay.execute([event], version).started
    assert run.event == event


def test_the_form_takes_its_settings(admin_client):
    workflow = lifecycle.create(document(action("one", text="a")))
    page = address(workflow.trigger)
    assert "A parcel arrives" in admin_client.get(page).content.decode()
    fill(admin_client, page, "trigger_form", type="parcel", depot="Berlin")
    workflow.trigger.refresh_from_db()
    assert (workflow.trigger.type, workflow.trigger.settings) == ("parcel", {"depot": "Berlin"})
    assert "Berlin" in admin_client.get(page).content.decode()
    assert "Parcel arrives at Berlin" in admin_client.get(address(workflow)).content.decode()


@pytest.mark.parametrize("page", ["test", "backtest", "export"])
def test_the_pages_of_a_workflow_show_it(admin_client, page):
    workflow = lifecycle.create(parcel())
    assert admin_client.get(address(workflow, page)).status_code == 200


def test_the_api_takes_and_lists_it(admin_user, settings):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    workflow = Api(admin_user).post("workflows/", parcel()).json()
    assert workflow["event_types"] == ["arrived.Berlin"]
    assert Workflow.objects.get(pk=workflow["id"]).trigger.settings == {"depot": "Berlin"}


def test_the_pages_and_the_api_show_the_run_and_the_reason(admin_client, admin_user, settings):
    active()
    event = arrives().event
    run = Run.objects.get()
    execute(run.pk)
    assert "Parcel arrives at Berlin" in admin_client.get(address(run)).content.decode()
    why = admin_client.get(reverse("admin:stripeflow_workflows_run_why_event", args=[event.pk]))
    assert "Parcel arrives at Berlin" in why.content.decode()
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    answer = Api(admin_user).get(f"events/{event.reference}/why/")
    assert [one["reason"] for one in answer.json()["verdicts"]] == ["started"]


def test_a_failed_run_is_tried_again_and_started_again_with_the_same_event(recorder):
    active()
    arrives()
    run = Run.objects.get()
    recorder.then(errors.PermanentError("No."))
    assert execute(run.pk) is RunStatus.FAILED
    run.refresh_from_db()
    on_runs.retry(run, NOBODY)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    run.refresh_from_db()
    again = on_runs.rerun(run, NOBODY)
    assert execute(again.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["Acme", "Acme", "Acme"]
    assert recorder.keys[:2] == [f"stripeflow:{run.pk}:one:{group}" for group in (1, 2)]


def test_runs_are_counted_under_it(admin_client):
    workflow = active()
    arrives()
    execute(Run.objects.get().pk)
    workflow.refresh_from_db()
    assert counts_of(workflow.active_version, Range.ALL).total == 1
    page = admin_client.get(address(workflow, "counts")).content.decode()
    assert "Parcel arrives at Berlin" in page
    assert "1 run" in page


def test_a_workflow_is_copied_and_its_settings_are_not_masked():
    workflow = lifecycle.create(parcel())
    assert to_document(lifecycle.duplicate(workflow))["trigger"] == parcel()["trigger"]
    assert masked_definition(parcel()) == parcel()


def test_every_canvas_draws_it(admin_client):
    workflow = active()
    event = arrives().event
    execute(Run.objects.get().pk)
    workflow.refresh_from_db()
    pages = [
        address(workflow),
        address(workflow.active_version),
        address(workflow, "test"),
        address(workflow, "test", event=event.reference),
        address(workflow, "counts"),
        address(Run.objects.get()),
    ]
    undrawn = [
        page for page in pages if "Parcel arrives at Berlin" not in admin_client.get(page).content.decode()
    ]
    assert undrawn == []


def test_a_back_test_of_its_page_leads_to_the_dry_run_of_an_event(admin_client):
    workflow = active()
    arrives()
    page = admin_client.get(address(workflow, "backtest", days=1)).content.decode()
    (where,) = re.findall(r'<li><a href="([^"]+)"', page)
    assert "Acme" in admin_client.get(where).content.decode()


def test_a_template_may_start_on_it(admin_client):
    whole = parcel()
    mine = WorkflowTemplate(
        key="mine",
        name="Mine",
        description="What I need.",
        why="I need it.",
        parameters=(),
        build=lambda values: {"trigger": whole["trigger"], "steps": whole["steps"]},
    )
    with temporarily(mine):
        gallery = admin_client.get(address("workflow", "templates")).content.decode()
        page = reverse("admin:stripeflow_workflows_workflow_template", args=["mine"])
        admin_client.post(page, {"name": "My own"})
    assert "Parcel arrives at Berlin" in gallery
    assert to_document(Workflow.objects.get(name="My own"))["trigger"] == whole["trigger"]


def test_a_changed_setting_is_shown_as_a_change_and_leaves_a_row_without_its_value(admin_client):
    workflow = active()
    fill(admin_client, address(workflow.trigger), "trigger_form", depot="Bonn")
    page = admin_client.get(address(workflow, "changes")).content.decode()
    assert [one for one in ("Parcel arrives at Berlin", "Parcel arrives at Bonn") if one not in page] == []
    entry = AuditEntry.objects.get(kind=acts.WORKFLOW_EDITED.key)
    assert entry.after["changed"] == ["Trigger"]
    assert "Bonn" not in json.dumps([entry.before, entry.after])


def test_the_pages_export_it_as_they_import_it(admin_client):
    file = admin_client.get(address(lifecycle.create(parcel()), "export")).content.decode()
    admin_client.post(address("workflow", "import"), {"text": file, "name": "Again"})
    assert to_document(Workflow.objects.get(name="Again")) == {**parcel(), "name": "Again"}


@pytest.fixture
def elsewhere(monkeypatch):
    """An installation that does not have it."""
    with monkeypatch.context() as patch:
        patch.delitem(registry._types, "parcel")
        yield


def test_an_installation_without_it_says_so_and_takes_nothing(admin_client, admin_user, settings, elsewhere):
    says = "The type of trigger “parcel” is not installed here. Install it, or choose another one."
    page = admin_client.post(address("workflow", "import"), {"text": json.dumps(parcel())}).content.decode()
    assert says in page
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    answer = Api(admin_user).post("workflows/", parcel())
    assert [one["message"] for one in answer.json()["error"]["problems"]] == [says]
    assert not Workflow.objects.exists()
