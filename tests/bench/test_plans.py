import pytest

from bench.plans import watched
from triggers.models import Event

pytestmark = pytest.mark.django_db


def test_a_look_at_every_row_is_seen():
    with watched() as seen:
        list(Event.objects.filter(payload__isnull=False))
    assert len(seen.statements) == len(seen.scans()) == 1


def test_a_look_by_an_index_is_not_one():
    with watched() as seen:
        list(Event.objects.filter(source="stripe", external_id="evt_1"))
    assert len(seen.statements) == 1
    assert seen.scans() == []
