"""Ending a pause, the kill switch or a disconnection: what goes on, and what is held back."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from stripeflow.actions import registry
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing, people, switch
from stripeflow.workflows.limits.deauthorized import DEAUTHORIZED
from stripeflow.workflows.models import Deauthorization, Run, Workflow
from stripeflow.workflows.models.failures import sentence
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import lifecycle, verbs
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.worker.due import look_around
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment
from tests.workflows.people import user_with_role
from tests.workflows.recording import recording_action

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]

HELD_BACK = (RunStatus.HELD, HeldReason.AWAITS_RELEASE)
QUEUED = (RunStatus.QUEUED, "")
ACCOUNT = "acct_1"


@pytest.fixture(autouse=True)
def _fresh_switch():
    switch.forget()
    yield
    switch.forget()


@pytest.fixture
def staff(db):
    """Somebody who may end every reason, and move no money."""
    return Act(user_with_role("operator", "publisher"))


@pytest.fixture
def trusted(db):
    """Somebody who may move money, too."""
    return Act(user_with_role("operator", "publisher", "money"))


@pytest.fixture
def workflow(money):
    """A workflow whose first version moves money, and has started runs; its second one does not."""
    workflow = lifecycle.create(document(money))
    lifecycle.activate(workflow)
    return workflow


def publish_harmless(workflow):
    editing.update(workflow, document(action("one", text="b")), revision=workflow.revision)
    lifecycle.activate(workflow)


def paid(account=""):
    return Run.objects.get(event=accept(payment(), account=account))


def state(run):
    run.refresh_from_db()
    return run.status, run.held_reason


def held_by_a_pause(workflow):
    pausing.pause(workflow.pk, "Incident.")
    execute(run := paid().pk)
    return Run.objects.get(pk=run)


def held_by_the_switch(workflow):
    switch.stop(reason="Incident.")
    execute(run := paid().pk)
    return Run.objects.get(pk=run)


def disconnected(workflow):
    run = paid(ACCOUNT)
    application = {"id": "ca_ours", "object": "application"}
    accept(application, type=DEAUTHORIZED, account=ACCOUNT)
    look_around()
    return run


def resume(workflow, act):
    return people.resume(workflow, act)


def start_all(_workflow, act):
    return people.start_all(act)


def reconnect(_workflow, act):
    return people.reconnect(Deauthorization.objects.get(), act)


ENDINGS = [(held_by_a_pause, resume), (held_by_the_switch, start_all), (disconnected, reconnect)]
ending = pytest.mark.parametrize(("hold", "end"), ENDINGS, ids=[end.__name__ for _hold, end in ENDINGS])


@ending
def test_it_is_refused_while_new_events_would_move_money(workflow, staff, recorder, hold, end):
    run = hold(workflow)
    before = state(run)
    with pytest.raises(PermissionDenied, match="moves money or destroys something"):
        end(workflow, staff)
    look_around()
    execute(run.pk)
    assert before[0] == RunStatus.HELD
    assert state(run) == before
    assert recorder.calls == []


@ending
def test_runs_of_an_older_version_that_moves_money_are_held_back(workflow, staff, recorder, hold, end):
    run = hold(workflow)
    publish_harmless(workflow)
    went_on = end(workflow, staff)
    assert (went_on.released, went_on.held_back) == (0, 1)
    assert "1 run stays held, since it moves money" in went_on.sentence
    look_around()
    execute(run.pk)
    assert state(run) == HELD_BACK
    assert recorder.calls == []


@pytest.fixture
def tagging(recorder):
    """A workflow that changes customers."""
    kind = recording_action(recorder, key="test.customers")
    kind.changes_customers = True
    with registry.temporarily(kind):
        workflow = lifecycle.create(document(action("one", "test.customers", text="a")))
        lifecycle.activate(workflow)
        yield workflow


@ending
def test_what_changes_customers_goes_on_by_who_may_change_them(tagging, staff, recorder, hold, end):
    run = hold(tagging)
    with pytest.raises(PermissionDenied, match="changes customers"):
        end(tagging, staff)
    assert end(tagging, Act(user_with_role("operator", "customers"))).released == 1
    assert state(run) == QUEUED


@ending
def test_runs_of_an_older_version_that_changes_customers_are_held_back(tagging, staff, recorder, hold, end):
    run = hold(tagging)
    publish_harmless(tagging)
    went_on = end(tagging, Act(user_with_role("operator", "money")))
    assert (went_on.released, went_on.held_back) == (0, 1)
    assert state(run) == HELD_BACK
    with pytest.raises(PermissionDenied):
        verbs.perform(run, verbs.Verb.RELEASE, staff)
    verbs.perform(run, verbs.Verb.RELEASE, Act(user_with_role("operator", "customers")))
    assert state(run) == QUEUED


@ending
def test_why_a_run_is_held_is_reported_to_who_may_not_see_values(workflow, staff, hold, end):
    run = hold(workflow)
    publish_harmless(workflow)
    run.refresh_from_db()
    # What is held from the start has no error beside its reason.
    assert sentence(run.error, payloads=False) in ("", HeldReason(run.held_reason).label)
    end(workflow, staff)
    assert state(run) == HELD_BACK
    assert sentence(run.error, payloads=False) == HeldReason.AWAITS_RELEASE.label


@ending
def test_who_may_move_money_lets_everything_go_on(workflow, trusted, recorder, hold, end):
    run = hold(workflow)
    went_on = end(workflow, trusted)
    assert (went_on.released, went_on.held_back, went_on.sentence) == (1, 0, "")
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert len(recorder.calls) == 1


@ending
def test_what_moves_no_money_goes_on(recorder, staff, hold, end):
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow)
    run = hold(workflow)
    went_on = end(workflow, staff)
    assert (went_on.released, went_on.held_back) == (1, 0)
    assert state(run) == QUEUED


def test_what_is_held_back_goes_on_once_somebody_releases_it_who_may(workflow, staff, trusted, recorder):
    run = held_by_a_pause(workflow)
    publish_harmless(workflow)
    people.resume(workflow, staff)
    (refused,) = verbs.perform_each([run.pk], verbs.Verb.RELEASE, staff)
    assert refused.code == "permission_denied"
    assert state(run) == HELD_BACK
    (done,) = verbs.perform_each([run.pk], verbs.Verb.RELEASE, trusted)
    assert done.code == ""
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert len(recorder.calls) == 1


@pytest.mark.parametrize("status", RunStatus.before(RunStatus.HELD))
def test_what_no_worker_has_come_to_hold_yet_is_held_back_too(workflow, staff, recorder, status):
    run = paid()
    publish_harmless(workflow)
    pausing.pause(workflow.pk, "Incident.")
    due = timezone.now() + timedelta(hours=1)
    Run.objects.filter(pk=run.pk).update(status=status, due_at=due)
    assert people.resume(workflow, staff).held_back == 1
    assert state(run) == HELD_BACK


def test_the_page_says_what_is_held_back(workflow, staff, client):
    held_by_a_pause(workflow)
    publish_harmless(workflow)
    client.force_login(staff.user)
    response = client.post(reverse("admin:stripeflow_workflows_workflow_resume", args=[workflow.pk]))
    (told,) = [str(one) for one in get_messages(response.wsgi_request)]
    assert told.startswith("Resumed. 0 held runs go on. 1 run stays held, since it moves money")


def test_the_api_says_what_is_held_back(workflow, staff, client):
    held_by_the_switch(workflow)
    publish_harmless(workflow)
    client.force_login(staff.user)
    response = client.post("/api/v1/switch/", {"stopped": False}, content_type="application/json")
    answer = response.json()
    assert (answer["stopped"], answer["released"], answer["held_back"]) == (False, 0, 1)


def test_the_page_of_the_switch_says_why_it_cannot_be_put_back(workflow, staff, trusted, client):
    held_by_the_switch(workflow)
    address = reverse("admin:stripeflow_workflows_switch_changelist")
    client.force_login(staff.user)
    page = client.get(address).content.decode()
    assert "Ask somebody who has it, or pause that workflow first." in page
    assert 'name="start"' not in page
    client.force_login(trusted.user)
    assert 'name="start"' in client.get(address).content.decode()


def test_the_page_of_a_paused_workflow_says_why_it_cannot_be_resumed(workflow, staff, trusted, client):
    held_by_a_pause(workflow)
    address = reverse("admin:stripeflow_workflows_workflow_change", args=[workflow.pk])
    client.force_login(staff.user)
    page = client.get(address).content.decode()
    assert "You cannot resume it:" in page
    assert "/resume/" not in page
    client.force_login(trusted.user)
    assert "/resume/" in client.get(address).content.decode()


def test_the_command_line_lets_everything_go_on(workflow, recorder):
    run = held_by_a_pause(workflow)
    assert people.resume(workflow, Act()).released == 1
    assert state(run) == QUEUED


def test_the_switch_is_put_back_once_what_moves_money_is_paused(workflow, staff, recorder):
    run = held_by_the_switch(workflow)
    people.pause(workflow, staff)
    people.start_all(staff)
    execute(run.pk)
    assert state(run) == (RunStatus.HELD, HeldReason.PAUSED)
    with pytest.raises(PermissionDenied):
        people.resume(workflow, staff)
    assert recorder.calls == []


def test_an_account_whose_events_nothing_takes_that_moves_money_is_reconnected(money, staff):
    own = lifecycle.create(document(money, scope={"mode": "both", "accounts": "own"}))
    lifecycle.activate(own)
    run = disconnected(activation_of_harmless())
    assert people.reconnect(Deauthorization.objects.get(), staff).released == 1
    assert state(run) == QUEUED


def activation_of_harmless():
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow)
    return workflow


def test_a_refusal_leaves_the_pause_as_it_was(workflow, staff):
    held_by_a_pause(workflow)
    with pytest.raises(PermissionDenied):
        people.resume(workflow, staff)
    assert Workflow.objects.get(pk=workflow.pk).paused_reason == "Incident."
