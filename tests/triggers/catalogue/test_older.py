"""Fields of older API versions."""

import pytest

from stripeflow.triggers.catalogue import FieldType, api_version, children, field, older, sample


@pytest.mark.parametrize(
    ("object_name", "path", "kind"),
    [
        ("invoice", "subscription", FieldType.ID),
        ("invoice", "paid", FieldType.BOOLEAN),
        ("invoice", "tax", FieldType.MONEY),
        ("invoice", "lines.data.0.price.id", FieldType.ID),
        ("subscription", "current_period_end", FieldType.TIMESTAMP),
        ("payment_intent", "charges.data.0.amount", FieldType.MONEY),
        ("discount", "coupon.percent_off", FieldType.DECIMAL),
    ],
)
def test_a_field_of_older_versions_is_typed_and_says_when_it_went(object_name, path, kind):
    found = field(object_name, path)
    assert found.type is kind
    assert "2022" < found.until < api_version()


def test_they_are_not_offered_and_not_in_samples():
    assert "subscription" not in {one.name for one in children("invoice", "")}
    assert "subscription" not in sample("invoice")


@pytest.mark.parametrize("name", older.FIELDS)
def test_what_the_sdk_has_again_is_not_called_old(name):
    listed = {one.name for one in children(name, "")}
    assert not listed & set(older.FIELDS[name])
