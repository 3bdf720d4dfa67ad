from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.triggers.event_listing import Listing, ListingError
from stripeflow.triggers.reconcile import Counts, Reconciled
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.transitions import claim_run
from stripeflow.workflows.limits import switch
from stripeflow.workflows.maintenance import restoring
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, branch, compare, failing, group, usd, way

pytestmark = pytest.mark.django_db

MAIL, KEYED = action("mail", "test.ask", text="a"), action("write", text="a")
LARGE = group(compare("trigger.amount", "greater_than", usd(9999)))


@pytest.fixture(autouse=True)
def _fresh():
    switch.forget()
    yield
    switch.forget()


@pytest.fixture
def listed(monkeypatch):
    """Since when each listing was reconciled; Stripe has three events, of which one is new."""
    since = {}

    def reconcile(listing, **options):
        since[listing.name] = options["since"]
        return Reconciled(Counts(seen=3, new=1, matched=1, started=1), timezone.now(), finished=True)

    monkeypatch.setattr(restoring, "listings", lambda **_: [Listing(False)])
    monkeypatch.setattr(restoring, "reconcile", reconcile)
    return since


def state(run):
    run.refresh_from_db()
    return run.status, run.held_reason


def test_a_run_with_an_e_mail_ahead_is_held_and_others_are_not(start):
    write, mail = start(KEYED), start(MAIL)
    assert restoring.hold() == 1
    assert state(mail) == (RunStatus.HELD, HeldReason.RESTORED)
    assert state(write) == (RunStatus.QUEUED, "")
    assert execute(mail.pk) is None


def test_an_e_mail_on_a_branch_counts_as_well(start):
    run = start(branch("choose", way("large", LARGE, MAIL)))
    restoring.hold()
    assert state(run) == (RunStatus.HELD, HeldReason.RESTORED)


def test_a_branch_that_was_not_taken_counts_no_more(start, recorder):
    run = start(branch("choose", way("large", LARGE, MAIL), otherwise=(KEYED,)))
    recorder.then(errors.TransientError("Busy."))
    assert execute(run.pk) is RunStatus.WAITING
    restoring.hold()
    assert state(run)[0] == RunStatus.WAITING


def test_an_e_mail_on_an_error_branch_counts_until_its_step_has_succeeded(start, recorder):
    run = start(failing(KEYED, MAIL), action("last", text="b"))
    recorder.then(dict, errors.TransientError("Busy."))
    assert execute(run.pk) is RunStatus.WAITING
    assert restoring.hold() == 0
    run.steps.filter(path="write").delete()
    assert restoring.hold() == 1


def test_an_action_that_is_not_installed_counts_as_one_that_asks(start, monkeypatch):
    import stripeflow.actions.registry

    run = start(KEYED)
    monkeypatch.delitem(stripeflow.actions.registry._actions, "test.record")
    assert restoring.hold() == 1
    assert state(run)[0] == RunStatus.HELD


def test_an_e_mail_that_was_recorded_is_behind(start, recorder):
    run = start(MAIL, KEYED)
    recorder.then(dict, errors.TransientError("Busy."))
    assert execute(run.pk) is RunStatus.WAITING
    assert restoring.hold() == 0
    assert state(run)[0] == RunStatus.WAITING


def test_a_run_that_waits_or_was_under_way_is_held_too(start, recorder):
    waiting = start(KEYED, MAIL)
    recorder.then(errors.TransientError("Busy."))
    execute(waiting.pk)
    running = start(MAIL)
    claim_run(running.pk, now=timezone.now())
    restoring.hold()
    assert {state(waiting), state(running)} == {(RunStatus.HELD, HeldReason.RESTORED)}


def test_a_run_that_is_held_already_is_not_released_with_the_others(start):
    run = start(MAIL)
    switch.stop()
    assert execute(run.pk) is RunStatus.HELD
    restoring.hold()
    switch.start()
    assert state(run) == (RunStatus.HELD, HeldReason.RESTORED)


def test_a_finished_run_stays_as_it_is(finish):
    run = finish(MAIL)
    assert restoring.hold() == 0
    assert state(run)[0] == RunStatus.SUCCEEDED


def test_a_person_releases_what_is_held(start, recorder):
    run = start(MAIL)
    restoring.hold()
    on_runs.release(on_runs.get(run.pk), Act())
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert len(recorder.calls) == 1


def test_may_be_repeated(start):
    start(MAIL)
    assert (restoring.hold(), restoring.hold()) == (1, 1)


def test_stops_everything_and_asks_stripe_from_before_the_backup(listed, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "RECONCILE_WINDOW_SECONDS": 7200}
    at = timezone.now() - timedelta(hours=5)
    assert restoring.restored(at).counts["test"].new == 1
    assert switch.is_stopped()
    assert listed == {"test": at - timedelta(hours=2)}


def test_the_command_says_what_is_to_be_done(listed, start):
    start(MAIL)
    out = StringIO()
    call_command("stripeflow_restored", at=timezone.now(), stdout=out)
    assert "test: seen 3, new 1, matched 1, started 1, refused 0" in out.getvalue()
    assert "1 runs are held" in out.getvalue()


def test_a_stripe_that_can_not_be_listed_leaves_everything_stopped(listed, monkeypatch):
    def fail(*_, **__):
        raise ListingError("Stripe could not be reached.")

    monkeypatch.setattr(restoring, "reconcile", fail)
    with pytest.raises(CommandError, match="Everything is stopped"):
        call_command("stripeflow_restored", "--at=3h")
    assert switch.is_stopped()


def test_the_time_of_the_backup_is_required():
    with pytest.raises(CommandError, match="--at"):
        call_command("stripeflow_restored")
