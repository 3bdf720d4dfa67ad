import pytest

from stripeflow.triggers.catalogue import ids, sdk


@pytest.mark.parametrize(
    ("name", "doc", "nested", "objects"),
    [
        ("id", "Unique identifier for the object.", False, ("charge",)),
        ("id", "The id of the selected choice", True, ()),
        ("payment_method", "ID of the payment method used in this charge.", False, ("payment_method",)),
        ("account", "The ID of the account.", True, ("account",)),
        ("account", "The last digits of the account.", True, None),
        ("transaction_id", "The Affirm transaction ID associated with this payment.", True, None),
        ("tax_id", "Taxpayer identification number.", True, None),
    ],
)
def test_tells_ids_from_other_strings(name, doc, nested, objects):
    assert ids.id_of(name, doc=doc, nested=nested, owner="charge") == objects


def test_names_only_objects_that_the_sdk_knows():
    assert {*ids._SURE.values(), *ids._IF_THE_DOCSTRING_SAYS_SO.values()} <= set(sdk.object_classes())
