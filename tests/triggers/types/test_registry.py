import pytest
from django.core.exceptions import ImproperlyConfigured

from stripeflow.actions.inputs import StringInput
from stripeflow.triggers.types import DEFAULT_TYPE, registry
from tests.workflows.fake_trigger import ParcelArrives


def made(**declared):
    return type("Made", (ParcelArrives,), declared)


def test_stripe_events_come_first():
    assert registry.all()[0].type == DEFAULT_TYPE


def test_finds_a_type_by_its_key_and_by_the_source_of_an_event():
    with registry.temporarily(ParcelArrives) as parcel:
        assert registry.find("parcel") is registry.of_source("parcels") is parcel
    assert (registry.find("parcel"), registry.of_source("parcels")) == (None, None)


@pytest.mark.parametrize("same", [{"type": "stripe_event"}, {"source": "stripe"}])
def test_two_types_share_neither_key_nor_source(same):
    with pytest.raises(registry.DuplicateTriggerType):
        registry.register(made(**same))


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "Parcel arrives"},
        {"label": ""},
        {"source": "a source that is too long"},
        {"settings": (StringInput("scope", label="Scope"),)},
        {"settings": (StringInput("a", label="A"), StringInput("a", label="A"))},
        {"settings": (StringInput("key", label="Key", secret=True),)},
    ],
)
def test_an_incomplete_declaration_is_refused(wrong):
    with pytest.raises(ImproperlyConfigured):
        registry.register(made(**wrong))
