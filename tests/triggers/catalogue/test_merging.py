"""Objects that may be one of several."""

import pytest

from stripeflow.triggers.catalogue import (
    Field,
    FieldType,
    carried_by,
    children,
    field,
    field_label_path,
    object_label,
)
from stripeflow.triggers.catalogue.merging import merged


def made(kind, **rest):
    return Field(name="a", path="a", label="A", type=kind, **rest)


@pytest.mark.parametrize(
    ("kinds", "common"),
    [
        (("enum", "enum"), "enum"),
        (("string", "enum"), "string"),
        (("id", "string"), "string"),
        (("money", "integer"), "integer"),
        (("money", "decimal"), "decimal"),
        (("object", "metadata"), "object"),
        (("timestamp", "integer"), "any"),
        (("string", "object"), "any"),
        (("list", "string"), "any"),
    ],
)
def test_types_that_have_nothing_in_common_are_any_value(kinds, common):
    assert merged([made(FieldType(kind)) for kind in kinds]).type == common


def test_values_are_put_together():
    found = merged([made(FieldType.ENUM, enum=("a", "b")), made(FieldType.ENUM, enum=("b", "c"))])
    assert found.enum == ("a", "b", "c")


def test_amounts_in_different_currencies_are_numbers():
    one, other = (made(FieldType.MONEY, currency_path=path) for path in ("currency", "other.currency"))
    assert merged([one, one]).currency_path == "currency"
    assert (merged([one, other]).type, merged([one, other]).currency_path) == (FieldType.INTEGER, None)


@pytest.mark.parametrize("value", ["chargeable", "verified"])
def test_a_payment_source_has_the_values_of_all_its_kinds(value):
    assert value in field("customer_source", "status").enum
    assert value in field("customer", "sources.data.0.status").enum


@pytest.mark.parametrize("path", ["brand", "bank_name", "ach_credit_transfer.account_number"])
def test_a_payment_source_has_the_fields_of_all_its_kinds(path):
    assert field("customer_source", path).optional


def test_events_of_several_types_carry_one_of_their_objects():
    name = carried_by(["charge.succeeded", "refund.created", "charge.refunded"])
    assert (name, object_label(name)) == ("charge|refund", "Charge or refund")
    assert field(name, "amount").type is FieldType.MONEY
    assert not field(name, "amount").optional
    assert field(name, "amount_refunded").optional
    assert {"amount", "amount_refunded", "failure_reason"} <= {one.name for one in children(name, "")}
    assert field_label_path(name, "failure_reason") == "Charge or refund › Failure reason"


def test_events_of_one_type_carry_its_object():
    assert carried_by(["charge.succeeded"]) == "charge"


def test_nothing_is_known_of_what_the_sdk_does_not_have():
    assert carried_by(["moon.full", "charge.succeeded"]) is None
    assert carried_by([]) is None
