"""Reconciliation against the real stand-in and the real SDK."""

import threading
import time
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from stripeflow.triggers import inbox, reconcile
from stripeflow.triggers.event_listing import EventList, Listing, ListingError, TooMany
from stripeflow.triggers.models import Event
from stripeflow_site.standin.driver import Standin

pytestmark = pytest.mark.django_db

KEY = "sk_test_" + "d" * 24
OURS = Listing(livemode=False)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    ledger = tmp_path_factory.mktemp("standin") / "ledger.jsonl"
    with Standin.start(ledger=ledger, api_key=KEY) as standin:
        yield standin


@pytest.fixture
def standin(running, settings, rung):
    running.reset()
    settings.STRIPE_TEST_SECRET_KEY = KEY
    settings.STRIPE_LIVE_SECRET_KEY = ""
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "STRIPE_API_BASE": running.url}
    return running


def make(standin, count, *, every=0, type="charge.succeeded", **fields):
    """That many events, the later ones later by `every` seconds."""
    made = []
    for number in range(count):
        made.append(standin.event(type, {"id": f"ch_{number}", "object": "charge"}, **fields)["id"])
        if every:
            standin.advance_clock(every)
    return made


def run(listing=OURS, *, since=timedelta(days=3), **options):
    return reconcile.reconcile(listing, since=timezone.now() - since, **options)


def counted(result):
    return tuple(vars(result.counts).values())


def accepted():
    return list(Event.objects.order_by("pk").values_list("external_id", flat=True))


def test_accepts_what_never_arrived(standin, handled):
    ids = make(standin, 3)
    result = run()
    assert counted(result) == (3, 3, 3, 0, 0)
    assert result.finished
    assert sorted(accepted()) == sorted(ids)
    assert len(handled) == 3


def test_a_second_time_changes_nothing(standin, handled):
    make(standin, 3)
    run()
    assert counted(run()) == (3, 0, 0, 0, 0)
    assert len(handled) == 3
    assert not Event.objects.exclude(duplicates=0).exists()


def test_what_a_key_lists_of_the_other_mode_is_refused(standin, handled, caplog, monkeypatch):
    make(standin, 1)
    listed = EventList.between

    def with_a_live_one(events, *args, **options):
        found = listed(events, *args, **options)
        return found + [{**event, "id": f"{event['id']}_live", "livemode": True} for event in found]

    monkeypatch.setattr(EventList, "between", with_a_live_one)
    assert counted(run()) == (2, 1, 1, 0, 1)
    assert "triggers.reconcile.refused" in caplog.text
    assert [event.livemode for event in handled] == [False]


def test_what_arrived_is_left_alone(standin, handled):
    make(standin, 2)
    inbox.accept_stripe(standin.events()[0], raw_body="as delivered")
    assert counted(run()) == (2, 1, 1, 0, 0)
    assert Event.objects.filter(raw_body="as delivered").count() == 1


def test_what_arrived_of_another_account_is_not_taken_for_it(standin):
    make(standin, 2)
    inbox.accept_stripe({**standin.events()[0], "account": "acct_other"}, raw_body="as delivered")
    assert counted(run()) == (2, 2, 0, 0, 0)
    assert Event.objects.count() == 3


def test_refuses_nothing_for_its_shape(standin):
    make(standin, 1, type="x." + "y" * 300)
    assert counted(run()) == (1, 1, 0, 0, 0)
    assert counted(run()) == (1, 0, 0, 0, 0)


def test_stores_what_a_delivery_would_have_stored(standin):
    make(standin, 1)
    run()
    event = Event.objects.get()
    assert event.payload == standin.events()[0]
    assert (event.type, event.object_id, event.livemode) == ("charge.succeeded", "ch_0", False)


def test_counts_the_runs_that_were_started(standin):
    make(standin, 2)
    with inbox.temporary_handler(lambda _event: 4):
        assert counted(run()) == (2, 2, 2, 8, 0)


def test_a_failing_match_is_left_to_the_sweep(standin):
    make(standin, 2)
    with inbox.temporary_handler(lambda _event: 1 / 0):
        assert counted(run()) == (2, 2, 0, 0, 0)
    assert Event.objects.unmatched().count() == 2


def test_goes_through_all_pages_oldest_first(standin, handled):
    ids = make(standin, 12, every=60) + make(standin, 250)
    assert counted(run())[:2] == (262, 262)
    assert accepted()[:12] == ids[:12]
    times = [event.created for event in handled]
    assert times == sorted(times)


def test_divides_what_does_not_fit_into_memory(standin, handled, monkeypatch):
    monkeypatch.setattr(reconcile, "SLICE_EVENTS", 20)
    ids = make(standin, 90, every=10)
    assert counted(run())[:2] == (90, 90)
    assert accepted() == ids


def test_a_second_with_more_events_than_fit_is_still_read(standin, monkeypatch):
    monkeypatch.setattr(reconcile, "SLICE_EVENTS", 5)
    make(standin, 30)
    assert counted(run(since=timedelta(minutes=10)))[:2] == (30, 30)


def test_reads_only_the_span_that_it_was_given(standin):
    ids = make(standin, 3, every=3600)
    now = timezone.now()
    run(since=-timedelta(minutes=30), until=now + timedelta(minutes=90))
    assert accepted() == [ids[1]]


def test_thirty_empty_days_cost_few_calls(standin):
    make(standin, 1)
    before = len(standin.requests(path="/v1/events"))
    run(since=timedelta(days=300))
    assert accepted() != []
    assert len(standin.requests(path="/v1/events")) - before < 45


@pytest.mark.parametrize(
    "types",
    [("charge.succeeded",), ("charge.*",), ("charge.succeeded", *(f"other.type_{n}" for n in range(30)))],
)
def test_reads_only_the_types_that_it_was_given(standin, types):
    wanted = make(standin, 2)
    make(standin, 2, type="customer.created")
    run(Listing(livemode=False, types=types))
    assert sorted(accepted()) == sorted(wanted)


def test_events_of_a_connected_account_carry_it(standin):
    make(standin, 1)
    theirs = make(standin, 1, account="acct_1")
    run(Listing(livemode=False, account="acct_1"))
    event = Event.objects.get()
    assert (event.external_id, event.account, event.payload["account"]) == (theirs[0], "acct_1", "acct_1")


def test_a_dry_run_accepts_nothing(standin):
    make(standin, 3)
    assert counted(run(dry_run=True))[:2] == (3, 3)
    assert accepted() == []


def test_says_how_far_it_came_when_its_time_is_up(standin):
    make(standin, 1)
    result = run(budget_seconds=0)
    assert not result.finished
    assert accepted() == []
    assert result.upto < timezone.now() - timedelta(days=2)


def test_begins_again_where_it_was_killed(standin, handled, monkeypatch):
    make(standin, 5)
    accept = inbox.accept_stripe

    def killed(*args, **kwargs):
        if Event.objects.count() == 2:
            raise KeyboardInterrupt
        return accept(*args, **kwargs)

    monkeypatch.setattr(inbox, "accept_stripe", killed)
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.undo()
    assert counted(run())[:2] == (5, 3)
    assert len(handled) == 5


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "rate_limit", "count": 2, "retry_after": 3},
        {"kind": "error_before", "count": 2, "status": 503},
        {"kind": "lost_reply", "count": 2},
    ],
    ids=lambda fault: fault["kind"],
)
def test_waits_and_tries_again(standin, fault):
    make(standin, 1)
    standin.faults(**fault)
    pauses = []
    assert counted(run(since=timedelta(minutes=5), sleep=pauses.append))[:2] == (1, 1)
    assert len(pauses) == 2
    assert min(pauses) >= fault.get("retry_after", 0.5)


def test_gives_up_in_the_end_and_says_why(standin):
    standin.faults(kind="rate_limit")
    pauses = []
    with pytest.raises(ListingError, match="429"):
        run(sleep=pauses.append)
    assert len(pauses) == 6
    standin.clear_faults()


def test_a_wrong_key_is_reported_without_the_key(standin, settings):
    settings.STRIPE_TEST_SECRET_KEY = "sk_test_wrong" + "x" * 20
    with pytest.raises(ListingError, match="refused the API key") as caught:
        run(sleep=lambda _seconds: pytest.fail("no use in waiting"))
    assert "wrong" not in str(caught.value)


def test_a_mode_without_a_key_is_not_listed(standin):
    assert reconcile.listings(accounts=("acct_1",)) == [OURS, Listing(livemode=False, account="acct_1")]
    with pytest.raises(ListingError, match="live"):
        run(Listing(livemode=True))


def test_never_holds_more_than_it_was_asked_for(standin):
    make(standin, 3)
    with pytest.raises(TooMany):
        EventList(OURS).between(0, None, most=2)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_accept_each_event_once(standin, handled):
    make(standin, 40)
    results, start = [], threading.Barrier(2)

    def together():
        from django.db import connection

        start.wait()
        results.append(run())
        connection.close()

    threads = [threading.Thread(target=together) for _number in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(results) == 2
    assert sum(result.counts.new for result in results) == 40
    assert len(handled) == len(accepted()) == 40


def command(*args):
    out, err = StringIO(), StringIO()
    call_command("stripeflow_reconcile", *args, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def test_the_command_tells_its_counts(standin):
    make(standin, 2)
    assert command("--since", "1h") == "test: seen 2, new 2, matched 0, started 0, refused 0\n"


def test_the_command_takes_iso_times_types_and_a_dry_run(standin):
    make(standin, 2)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    told = command("--since", yesterday, "--types", "charge.*", "customer.created", "--dry-run")
    assert told.startswith("test: seen 2, new 2,")
    assert accepted() == []


def test_the_command_warns_of_what_stripe_has_forgotten(standin):
    assert "30 days" in command("--since", "40d")


@pytest.mark.parametrize("text", ["3", "3w", "soon", "2026-13-45"])
def test_the_command_refuses_other_times(standin, text):
    with pytest.raises(CommandError, match="neither a time"):
        command("--since", text)


def test_the_command_fails_where_stripe_does(standin, settings):
    settings.STRIPE_TEST_SECRET_KEY = "sk_test_wrong" + "x" * 20
    with pytest.raises(CommandError, match="again"):
        command("--since", "1h")
    settings.STRIPE_TEST_SECRET_KEY = ""
    with pytest.raises(CommandError, match="no API key"):
        command("--since", "1h")


def test_the_clock_of_stripe_may_be_ahead(standin):
    standin.advance_clock(7200)
    ids = make(standin, 1)
    assert standin.events()[0]["created"] > time.time() + 7000
    run(since=timedelta(hours=1))
    assert accepted() == ids
