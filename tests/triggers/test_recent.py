"""What recent events of a type held."""

import pytest

from stripeflow.triggers import recent as module
from stripeflow.triggers.catalogue import FieldType
from stripeflow.triggers.recent import recent
from tests.workflows.events import accept

pytestmark = pytest.mark.django_db

KIND = "invoice.paid"
INVOICE = {
    "id": "in_1",
    "object": "invoice",
    "currency": "usd",
    "amount_of_old": 500,
    "period_end": 1_700_000_000,
    "count_of_things": 3,
    "half": 0.5,
    "flag": True,
    "nothing": None,
    "lines": {"object": "list", "data": [{"price": {"id": "price_1"}}, {"price": None, "note": "x"}]},
}


@pytest.fixture(autouse=True)
def _forgotten():
    module.forget()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("currency", FieldType.STRING),
        ("amount_of_old", FieldType.MONEY),
        ("period_end", FieldType.TIMESTAMP),
        ("count_of_things", FieldType.INTEGER),
        ("half", FieldType.DECIMAL),
        ("flag", FieldType.BOOLEAN),
        ("nothing", FieldType.ANY),
        ("lines", FieldType.OBJECT),
        ("lines.data", FieldType.LIST),
        ("lines.data.0.price.id", FieldType.STRING),
        ("lines.data.*.note", FieldType.STRING),
    ],
)
def test_a_field_is_typed_by_what_stood_there(path, kind):
    accept(INVOICE, type=KIND)
    assert recent([KIND]).field(path).type is kind


def test_values_of_several_types_are_any_value():
    accept({**INVOICE, "flag": "yes"}, type=KIND)
    accept(INVOICE, type=KIND)
    assert recent([KIND]).field("flag").type is FieldType.ANY


def test_what_no_event_had_is_not_there():
    accept(INVOICE, type=KIND)
    assert recent([KIND]).field("lines.data.0.no_such") is None
    assert recent(["invoice.created"]).field("currency") is None


def test_the_api_versions_of_the_events_are_reported():
    accept(INVOICE, type=KIND, api_version="2023-10-16")
    accept({**INVOICE, "newer": 1}, type=KIND, api_version="2024-06-20")
    held = recent([KIND])
    assert set(held.versions) == {"2023-10-16", "2024-06-20"}
    assert list(held.seen("newer").versions) == ["2024-06-20"]


def test_several_types_are_put_together():
    accept({"id": "ch_1", "a": 1}, type="charge.succeeded")
    accept({"id": "re_1", "b": "x", "a": "y"}, type="refund.created")
    held = recent(["charge.succeeded", "refund.created"])
    assert held.events == 2
    assert [(one.name, one.type) for one in held.children()] == [
        ("a", FieldType.ANY),
        ("b", FieldType.STRING),
        ("id", FieldType.STRING),
    ]


def test_a_type_is_read_once_and_only_so_many_events_of_it(django_assert_num_queries):
    for number in range(module.EVENTS + 5):
        accept({**INVOICE, f"field_{number}": 1}, type=KIND)
    with django_assert_num_queries(1):
        assert recent([KIND]).events == module.EVENTS
        assert recent([KIND]).field("currency")


def test_a_huge_object_is_not_kept_whole():
    accept({f"key_{number}": number for number in range(module._NODES + 50)}, type=KIND)
    assert len(recent([KIND]).root.keys) == module._NODES


@pytest.mark.parametrize("path", ["metadata", "lines.data.0.metadata", "lines.data.*.metadata.deep"])
def test_the_keys_of_metadata_are_values_and_not_listed(path):
    free = {"order": "1", "deep": {"more": 1}}
    accept({"id": "in_1", "metadata": free, "lines": {"data": [{"metadata": free}]}}, type=KIND)
    held = recent([KIND])
    assert held.children(path) == ()
    assert held.field("metadata.order").type is FieldType.STRING
