"""The type of trigger of the README, brought by an app with a `stripeflow_triggers.py`."""

import re
from pathlib import Path

import pytest
from django.utils import timezone

from stripeflow import triggers
from stripeflow.triggers import inbox
from stripeflow.triggers.envelope import Envelope
from stripeflow.triggers.models import Event
from stripeflow.triggers.types import registry

README = (Path(triggers.__file__).parent / "README.md").read_text()


@pytest.fixture(autouse=True)
def _example(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(registry, "_types", dict(registry._types))
        exec(_source("TriggerType"), {"__name__": "shop.stripeflow_triggers"})
        yield


def _source(word):
    (source,) = (one for one in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if word in one)
    return source


def test_it_says_what_its_events_are_called_and_hold():
    parcel, settings = registry.find("parcel"), {"depot": "Berlin"}
    assert parcel.topics(settings) == ("arrived.Berlin",)
    assert parcel.topics({}) == ()
    assert [field.path for field in parcel.known(settings).fields] == ["weight"]
    assert parcel.sample(settings, "arrived.Berlin") == {"object": {"weight": 12}}
    assert parcel.describe_topic("arrived.Berlin") == "Parcel arrives at Berlin"


@pytest.mark.django_db
def test_what_happens_is_given_to_the_inbox():
    exec(_source("inbox.accept"), {"Envelope": Envelope, "inbox": inbox, "timezone": timezone})
    event = Event.objects.get(source="parcels")
    assert (event.external_id, event.type, event.object) == ("parcel-17", "arrived.Berlin", {"weight": 20})
