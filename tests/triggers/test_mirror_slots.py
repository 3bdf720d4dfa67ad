from datetime import UTC, datetime, timedelta

import pytest

from stripeflow.triggers import mirror_slots
from stripeflow.triggers.models import MirrorSlot

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def workers(settings):
    def allow(count):
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MIRROR_WORKERS": count}

    return allow


@pytest.mark.parametrize("allowed", [1, 3])
def test_only_so_many_have_a_place_at_once(workers, allowed):
    workers(allowed)
    places = [mirror_slots.take(NOW) for _worker in range(allowed + 2)]
    assert [place is not None for place in places] == [True] * allowed + [False] * 2
    assert len({place.number for place in places[:allowed]}) == allowed


def test_a_place_that_is_released_is_free_at_once():
    mirror_slots.take(NOW).release()
    assert mirror_slots.take(NOW) is not None


def test_the_place_of_a_worker_that_died_is_free_after_a_while():
    mirror_slots.take(NOW)
    assert mirror_slots.take(NOW + mirror_slots.HOLD) is None
    assert mirror_slots.take(NOW + mirror_slots.HOLD + SECOND) is not None


def test_a_renewed_place_is_kept():
    place = mirror_slots.take(NOW)
    later = NOW + mirror_slots.HOLD
    assert place.renew(later)
    assert mirror_slots.take(later + SECOND) is None


def test_who_was_overtaken_neither_keeps_nor_frees_the_place():
    late = mirror_slots.take(NOW)
    now = NOW + mirror_slots.HOLD + SECOND
    mirror_slots.take(now)
    assert not late.renew(now)
    late.release()
    assert mirror_slots.take(now) is None


def test_a_place_that_was_taken_before_the_clock_was_set_back_is_free():
    mirror_slots.take(NOW + timedelta(hours=1))
    assert mirror_slots.take(NOW) is not None


def test_one_notifies_of_a_free_place_and_again_after_a_while():
    assert [mirror_slots.claim_notification(NOW) for _host in range(3)] == [True, False, False]
    assert not mirror_slots.claim_notification(NOW + mirror_slots.NOTIFY_AGAIN)
    assert mirror_slots.claim_notification(NOW + mirror_slots.NOTIFY_AGAIN + SECOND)


def test_nobody_notifies_of_a_place_that_is_taken():
    mirror_slots.take(NOW)
    assert not mirror_slots.claim_notification(NOW + SECOND)
    assert mirror_slots.claim_notification(NOW + mirror_slots.HOLD + SECOND)


def test_a_place_that_was_used_is_notified_of_at_once():
    mirror_slots.claim_notification(NOW)
    mirror_slots.take(NOW).release()
    assert mirror_slots.claim_notification(NOW)


def test_the_next_place_is_kept_for_who_comes_first():
    place = mirror_slots.take(NOW)
    assert mirror_slots.take_first(NOW) is None
    assert not place.renew(NOW)
    place.release()
    assert mirror_slots.take(NOW) is None
    assert not mirror_slots.claim_notification(NOW)
    mirror_slots.take_first(NOW).release()
    assert mirror_slots.take(NOW) is not None


def test_a_place_is_not_kept_for_ever():
    mirror_slots.take(NOW).release()
    mirror_slots.take(NOW)
    mirror_slots.take_first(NOW)
    assert mirror_slots.take(NOW + mirror_slots.HOLD + SECOND) is None
    assert mirror_slots.take(NOW + mirror_slots.WANTED + SECOND) is not None


def test_fewer_workers_use_fewer_places(workers):
    workers(2)
    mirror_slots.take(NOW), mirror_slots.take(NOW)
    MirrorSlot.objects.filter(number=1).update(held_until=None)
    workers(1)
    assert mirror_slots.take(NOW) is None
