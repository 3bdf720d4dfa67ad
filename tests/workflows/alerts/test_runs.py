import smtplib
import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.utils import timezone

from stripeflow.actions.errors import PermanentError, UnknownOutcome
from stripeflow.actions.wording import worded
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows import tasks
from stripeflow.workflows.alerts import mail, runs
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing
from stripeflow.workflows.models import Beat, Run, Workflow
from stripeflow.workflows.models.limits import PauseCause
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.queue import ALERT, ALERT_PAUSED
from stripeflow.workflows.signals import run_failed, run_undecided
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, branch, compare, document, group, usd, way
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

REFUSED = PermanentError(worded("The card of {name} was refused.", name="Jane"), code="card_error")


@pytest.fixture
def owner(django_user_model):
    return django_user_model.objects.create_user("editor", email="editor@example.org", is_staff=True)


@pytest.fixture
def workflow(recorder, queue, owner):
    workflow = lifecycle.create(document(action("one", text="a"), name="Refunds"), owner=owner)
    lifecycle.activate(workflow)
    return workflow


@pytest.fixture
def fail(workflow, recorder):
    """Start a run of the workflow that ends by `error`; returns it."""

    def fail(error=REFUSED, **options):
        recorder.then(error)
        run = Run.objects.get(event=accept(payment(**options)), workflow=workflow)
        execute(run.pk)
        run.refresh_from_db()
        return run

    return fail


@pytest.fixture
def told():
    """The runs of which the signal told."""
    runs = []

    def receive(sender, run, **kwargs):
        runs.append(run)

    run_failed.connect(receive)
    yield runs
    run_failed.disconnect(receive)


def test_the_owner_is_notified_of_a_failed_run(fail, mailoutbox):
    run = fail()
    (mail,) = mailoutbox
    assert mail.to == ["editor@example.org"]
    assert mail.subject == "“Refunds” failed"
    assert "What happened: The card of … was refused." in mail.body
    assert "Step: Record" in mail.body
    assert f"http://127.0.0.1:8000/admin/stripeflow_workflows/run/{run.pk}/change/" in mail.body
    assert mail.extra_headers == {"X-StripeFlow-Run": str(run.pk)}


def test_values_are_for_an_owner_who_may_see_payloads(fail, mailoutbox, owner):
    owner.user_permissions.add(Permission.objects.get(codename="view_payload"))
    fail()
    assert "What happened: The card of Jane was refused." in mailoutbox[0].body


def test_addresses_of_the_settings_are_told_no_values(fail, mailoutbox, owner, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "ALERT_RECIPIENTS": ["ops@example.org"]}
    Workflow.objects.update(owner=None)
    fail()
    assert mailoutbox[0].to == ["ops@example.org"]
    assert "Jane" not in mailoutbox[0].body


def test_the_owner_is_notified_of_an_unknown_outcome(start, recorder, mailoutbox, owner):
    run = start(action("one", "test.ask", text="a"))
    Workflow.objects.update(owner=owner)
    recorder.then(UnknownOutcome("Nobody answered.", code="connection_error"))
    execute(run.pk)
    assert "is unknown" in mailoutbox[0].subject
    assert "say so on the run's page" in mailoutbox[0].body


def test_the_owner_is_notified_of_a_run_whose_branch_has_to_be_chosen(start, mailoutbox, owner, told, money):
    large = group(compare("trigger.amount", "greater_than", usd(15)))
    asked = []

    def receive(sender, run, **kwargs):
        asked.append(run)

    run = start(branch("choose", way("large", large), otherwise=(money,)), obj=payment(100, "eur"))
    Workflow.objects.update(owner=owner)
    run_undecided.connect(receive)
    execute(run.pk)
    run_undecided.disconnect(receive)
    assert "choose the branch of a run" in mailoutbox[0].subject
    assert "Choose the branch on the run's page" in mailoutbox[0].body
    assert (asked, told) == ([run], [])


def test_a_run_that_a_pause_holds_tells_nobody(start, mailoutbox, told):
    run = start(action("one", text="a"))
    pausing.pause(run.workflow_id, "Looking at it.")
    execute(run.pk)
    assert not [mail for mail in mailoutbox if "needs you" in mail.subject]
    assert told == []


def test_a_run_that_succeeds_tells_nobody(finish, mailoutbox, told):
    finish(action("one", text="a"))
    assert (mailoutbox, told) == ([], [])


def test_a_run_that_waits_for_its_next_attempt_tells_nobody(start, recorder, mailoutbox, told):
    run = start(action("one", text="a"))
    recorder.then(UnknownOutcome("Nobody answered.", code="connection_error"))
    assert execute(run.pk) == RunStatus.WAITING
    assert (mailoutbox, told) == ([], [])


def test_one_mail_a_day_for_each_version_and_code_and_a_signal_each_time(fail, mailoutbox, told):
    runs = [fail(id=f"pi_{number}") for number in range(3)]
    assert len(mailoutbox) == 1
    assert told == runs
    fail(PermanentError("Another.", code="other"), id="pi_other")
    assert len(mailoutbox) == 2
    Beat.objects.update(at=timezone.now() - timedelta(hours=25))
    fail(id="pi_next_day")
    assert len(mailoutbox) == 3


def test_codes_that_are_made_up_for_each_failure_are_mailed_together(fail, mailoutbox, monkeypatch, told):
    monkeypatch.setattr(runs, "_CODES", 2)
    for number in range(6):
        fail(PermanentError("Made up.", code=f"code_{number}"), id=f"pi_{number}")
    assert (len(mailoutbox), len(told)) == (3, 6)


def test_a_new_version_is_reported_again(fail, workflow, mailoutbox):
    fail(id="pi_1")
    lifecycle.activate(workflow)
    fail(id="pi_2")
    assert len(mailoutbox) == 2


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_without_an_owner_to_reach_the_settings_say_whom_to_tell(fail, owner, settings, mailoutbox, change):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "ALERT_RECIPIENTS": ["team@example.org"]}
    type(owner).objects.update(**change)
    fail()
    assert mailoutbox[0].to == ["team@example.org"]


def test_with_nobody_to_tell_it_is_logged(fail, owner, mailoutbox, caplog):
    type(owner).objects.update(email="")
    fail()
    assert mailoutbox == []
    assert "workflows.alert.nobody_to_tell" in caplog.messages


def test_a_mail_server_that_is_away_changes_nothing_and_is_asked_again(fail, mailoutbox, monkeypatch, caplog):
    def away(*_args, **_kwargs):
        raise smtplib.SMTPConnectError(421, "away")

    with monkeypatch.context() as patched:
        patched.setattr(mail.EmailMessage, "send", away)
        assert fail(id="pi_1").status == RunStatus.FAILED
    assert "workflows.alert.failed" in caplog.messages
    fail(id="pi_2")
    assert mailoutbox == []
    Beat.objects.update(at=timezone.now() - mail.EVERY)
    fail(id="pi_3")
    assert len(mailoutbox) == 1


def test_a_receiver_that_raises_changes_nothing_and_keeps_no_mail_back(fail, mailoutbox, caplog):
    def broken(sender, **kwargs):
        raise ZeroDivisionError

    run_failed.connect(broken)
    try:
        assert fail().status == RunStatus.FAILED
    finally:
        run_failed.disconnect(broken)
    assert "workflows.alert.receiver_failed" in caplog.messages
    assert len(mailoutbox) == 1


def test_a_name_with_line_breaks_does_not_break_the_mail(fail, workflow, mailoutbox):
    Workflow.objects.update(name="Refunds\nBcc: all@example.org")
    fail()
    assert mailoutbox[0].subject == "“Refunds Bcc: all@example.org” failed"


def test_a_failure_is_seen_by_the_receiver_as_it_is_stored(fail):
    states = []

    def receive(sender, run, **kwargs):
        states.append(Run.objects.get(pk=run.pk).status)

    run_failed.connect(receive)
    try:
        fail()
    finally:
        run_failed.disconnect(receive)
    assert states == ["failed"]


def test_conditions_that_break_are_reported_by_a_worker(
    recorder, queue, monkeypatch, mailoutbox, owner, django_capture_on_commit_callbacks
):
    from stripeflow.workflows.matching import starting

    monkeypatch.setattr(starting, "evaluate_trigger", lambda *_: 1 / 0)
    conditions = group(compare("trigger.currency", "equal", "eur"))
    lifecycle.activate(
        lifecycle.create(document(action("one", text="a"), conditions=conditions), owner=owner)
    )
    with django_capture_on_commit_callbacks(execute=True):
        event = accept(payment(currency="eur"))
    run = Run.objects.get(event=event)
    assert queue.of(ALERT) == [(str(run.pk),)]
    assert mailoutbox == []
    queue.run()
    assert "could not be evaluated" in mailoutbox[0].body


def test_a_run_that_was_retried_meanwhile_is_not_reported(fail, mailoutbox, workflow):
    run = fail()
    on_runs.retry(run, Act())
    tasks.alert(str(run.pk))
    assert len(mailoutbox) == 1


def test_the_owner_is_notified_of_a_pause(workflow, queue, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        pausing.pause(workflow.pk, "Stripe refused the API key.")
        pausing.pause(workflow.pk, "Stripe refused the API key.")
    assert queue.of(ALERT_PAUSED) == [(workflow.pk,)]
    queue.run()
    assert mailoutbox[0].subject == "“Refunds” is paused"
    assert "Stripe refused the API key." in mailoutbox[0].body
    pausing.resume(workflow.pk)
    tasks.alert_paused(workflow.pk)
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_sends(fail, mailoutbox):
    run = fail()
    mailoutbox.clear()
    Beat.objects.all().delete()
    start = threading.Barrier(8)

    def tell():
        start.wait()
        runs.run_left(run.pk, RunStatus.FAILED)
        connection.close()

    threads = [threading.Thread(target=tell) for _number in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(mailoutbox) == 1


def pause_for(workflow, account):
    whose = AccountMode(livemode=True, account=account)
    pausing.pause_account(workflow.pk, whose, "Stripe refused the API key.", cause=PauseCause.REFUSED)
    tasks.alert_paused(workflow.pk)


def test_the_owner_is_notified_once_of_pauses_for_accounts(workflow, mailoutbox):
    for account in ("acct_1", "acct_2"):
        pause_for(workflow, account)
    (mail,) = mailoutbox
    assert mail.to == ["editor@example.org"]
    assert "acct_1, live mode: Stripe refused the API key." in mail.body


def test_after_it_was_resumed_the_owner_is_notified_again(workflow, mailoutbox):
    pause_for(workflow, "acct_1")
    pausing.resume(workflow.pk)
    pause_for(workflow, "acct_1")
    assert len(mailoutbox) == 2
