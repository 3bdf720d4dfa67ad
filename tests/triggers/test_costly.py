import time
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from stripeflow.triggers import costly
from stripeflow.triggers.costly import Busy, turn

ANN, BOB = SimpleNamespace(pk=101), SimpleNamespace(pk=102)


@pytest.fixture(autouse=True)
def _no_turns():
    cache.clear()
    yield
    cache.clear()


def test_a_second_one_of_the_same_person_is_refused_at_once():
    with turn(ANN):
        with pytest.raises(Busy) as caught, turn(ANN):
            pass
        assert 1 <= caught.value.retry_after <= costly.LONGEST
        with turn(BOB):
            pass


def test_after_a_short_one_the_next_may_begin_also_if_it_failed(monkeypatch):
    monkeypatch.setattr(costly, "SHORT", 60)
    with pytest.raises(ValueError, match="broken"), turn(ANN):
        raise ValueError("broken")
    with turn(ANN):
        pass


def test_who_read_for_long_waits_as_long_again(monkeypatch):
    clock = iter([100.0, 107.0])
    monkeypatch.setattr(costly, "time", SimpleNamespace(monotonic=lambda: next(clock), time=time.time))
    with turn(ANN):
        pass
    monkeypatch.setattr(costly, "time", time)
    with pytest.raises(Busy) as caught, turn(ANN):
        pass
    assert 5 <= caught.value.retry_after <= 7


@pytest.mark.django_db
def test_a_search_through_bodies_is_429_meanwhile(monkeypatch):
    monkeypatch.setattr(costly, "SHORT", 60)
    user = User.objects.create_superuser("ann")
    client = Client()
    client.force_login(user)
    address = "/admin/stripeflow_triggers/event/?q=cus_notanywhere"
    with turn(user):
        answer = client.get(address)
        assert client.get("/admin/stripeflow_triggers/event/").status_code == 200
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)
    assert "is not done yet. Try again in" in answer.content.decode()
    assert client.get(address).status_code == 200
