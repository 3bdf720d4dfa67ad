import pytest
from django.utils import timezone

from bench.plans import watched
from stripeflow.triggers.models import Event
from stripeflow.triggers.sql import insert_if

pytestmark = pytest.mark.django_db


def test_a_look_at_every_row_is_seen():
    with watched() as seen:
        list(Event.objects.filter(stored_payload__isnull=False))
    assert len(seen.statements) == len(seen.scans()) == 1


def test_a_look_by_an_index_is_not_one():
    with watched() as seen:
        list(Event.objects.filter(source="stripe", external_id="evt_1"))
    assert len(seen.statements) == 1
    assert seen.scans() == []


def test_a_look_at_every_row_is_seen_inside_of_an_insert():
    with watched() as seen:
        insert_if(Event(external_id="evt_1", created=timezone.now()), Event, api_version="1")
    assert len(seen.statements) == len(seen.scans()) == 1
