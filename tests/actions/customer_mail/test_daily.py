from datetime import UTC, datetime, timedelta

import pytest

from stripeflow.actions.customer_mail import daily
from stripeflow.actions.errors import PermanentError
from stripeflow.actions.models import MailCount

pytestmark = pytest.mark.django_db

MailCountRows = type(MailCount.objects.all())
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def limit(settings):
    def to(number):
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "CUSTOMER_EMAILS_PER_DAY": number}

    return to


def take(**changes):
    return daily.take_place(**({"livemode": True, "now": NOW} | changes))


def test_the_limit_counts_a_day_in_one_mode(limit):
    limit(2)
    take()
    take()
    with pytest.raises(PermanentError, match="at most 2 e-mails") as caught:
        take()
    assert caught.value.code == "mail_cap_reached"
    take(livemode=False)
    take(now=NOW + timedelta(hours=12))


def test_none_are_sent_at_a_limit_of_0(limit):
    limit(0)
    with pytest.raises(PermanentError):
        take()
    assert not MailCount.objects.exists()


def test_a_place_that_was_not_used_is_free_again(limit):
    limit(1)
    place = take()
    place.give_back()
    take()
    assert MailCount.objects.get().used == 1


def test_a_day_that_another_worker_begins_meanwhile_has_places_left(limit, monkeypatch):
    looks = MailCountRows.exists

    def begun_meanwhile(rows):
        MailCount.objects.get_or_create(day=NOW.date(), livemode=True, defaults={"used": 1})
        return looks(rows)

    monkeypatch.setattr(MailCountRows, "exists", begun_meanwhile)
    limit(2)
    take()
    assert MailCount.objects.get().used == 2
    with pytest.raises(PermanentError):
        take()


def test_no_place_is_given_back_below_nothing(limit):
    place = take()
    place.give_back()
    place.give_back()
    assert MailCount.objects.get().used == 0


def test_old_days_are_forgotten(limit):
    take()
    daily.forget(before=NOW)
    assert MailCount.objects.exists()
    daily.forget(before=NOW + timedelta(days=1))
    assert not MailCount.objects.exists()
