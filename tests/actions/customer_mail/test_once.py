from datetime import UTC, datetime, timedelta

import pytest

from stripeflow.actions.customer_mail import once
from stripeflow.actions.customer_mail.once import Taken, Turn
from stripeflow.actions.models import RecentMail

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def turn(make_context):
    def make(run="run_1", address="jane@example.com", purpose="", **changes):
        facts = {"step_id": "1:mail", "step_key": "mail", "livemode": True}
        return Turn.of(make_context(run_id=run, **(facts | changes)), address, purpose)

    return make


def test_a_second_run_within_the_period_sends_nothing(turn):
    first, second = turn(), turn("run_2")
    assert first.take(WEEK, now=NOW) is Taken.NEW
    first.confirm(now=NOW)
    assert second.take(WEEK, now=NOW + WEEK - timedelta(seconds=1)) is Taken.ALREADY_SENT
    assert second.take(WEEK, now=NOW + WEEK) is Taken.NEW


@pytest.mark.parametrize(
    "other",
    [
        {"address": "bob@example.com"},
        {"purpose": "dunning"},
        {"step_id": "2:mail"},
        {"livemode": False},
        {"account": "acct_1"},
    ],
)
def test_another_address_purpose_step_mode_or_account_counts_by_itself(turn, other):
    turn().take(WEEK, now=NOW)
    assert turn("run_2", **other).take(WEEK, now=NOW) is Taken.NEW


def test_the_same_address_counts_in_whatever_way_it_is_written(turn):
    first = turn()
    first.take(WEEK, now=NOW)
    first.confirm(now=NOW)
    assert turn("run_2", address="JANE@Example.com").take(WEEK, now=NOW) is Taken.ALREADY_SENT


def test_steps_of_the_same_purpose_count_together(turn):
    turn(purpose="dunning").take(WEEK, now=NOW)
    later = NOW + timedelta(hours=1)
    assert turn("run_2", purpose="dunning", step_id="2:other").take(WEEK, now=later) is Taken.ALREADY_SENT


def test_items_of_a_loop_are_runs_of_the_same_step(turn):
    turn(step_key="loop/1/mail").take(WEEK, now=NOW)
    later = NOW + timedelta(hours=1)
    assert turn(step_key="loop/2/mail").take(WEEK, now=later) is Taken.ALREADY_SENT


def test_what_surely_sent_nothing_lets_others_send(turn):
    first = turn()
    first.take(WEEK, now=NOW)
    first.give_back()
    assert turn("run_2").take(WEEK, now=NOW) is Taken.NEW


def test_what_was_sent_is_not_given_back(turn):
    first = turn()
    first.take(WEEK, now=NOW)
    first.confirm(now=NOW)
    first.give_back()
    assert turn("run_2").take(WEEK, now=NOW) is Taken.ALREADY_SENT


def test_while_another_run_sends_this_one_waits_and_then_counts_it_as_sent(turn):
    turn().take(WEEK, now=NOW)
    second = turn("run_2")
    assert second.take(WEEK, now=NOW + timedelta(seconds=30)) is Taken.UNDER_WAY
    # Its worker has died, and nobody knows whether it sent.
    assert second.take(WEEK, now=NOW + once.UNDER_WAY) is Taken.ALREADY_SENT


def test_the_same_step_of_the_same_run_may_send_again(turn):
    turn().take(WEEK, now=NOW)
    assert turn().take(WEEK, now=NOW + timedelta(hours=1)) is Taken.AGAIN


def test_only_a_digest_of_the_address_is_kept(turn):
    turn().take(WEEK, now=NOW)
    assert "jane" not in str(RecentMail.objects.values().get())


def test_what_no_period_reaches_is_old(turn):
    turn().take(WEEK, now=NOW)
    assert not once.old(now=NOW + once.LONGEST).exists()
    assert once.old(now=NOW + once.LONGEST + timedelta(seconds=1)).exists()
