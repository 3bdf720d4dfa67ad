import pytest

from stripeflow.triggers.catalogue import sdk
from stripeflow.triggers.catalogue.shapes import Kind, TypeRef, object_shape


def walk(type_ref):
    yield type_ref
    if type_ref.item is not None:
        yield from walk(type_ref.item)
    if type_ref.shape is not None:
        for attribute in type_ref.shape.attributes.values():
            yield from walk(attribute.type)


def test_optional_is_nullable():
    attributes = object_shape("charge").attributes
    assert (attributes["customer"].nullable, attributes["amount"].nullable) == (True, False)


def test_docstring_after_the_annotation_is_kept():
    doc = object_shape("radar.early_fraud_warning").attributes["fraud_type"].doc
    assert doc.startswith("The type of fraud labelled by the issuer.")


def test_expandable_names_its_object():
    type_ref = object_shape("charge").attributes["customer"].type
    assert (type_ref.kind, type_ref.objects) == (Kind.EXPANDABLE, ("customer",))


def test_expandable_union_names_every_object():
    type_ref = object_shape("payout").attributes["destination"].type
    assert type_ref.objects == ("bank_account", "card")


def test_literal_with_other_strings_allowed_keeps_its_values():
    type_ref = object_shape("charge").attributes["status"].type
    assert (type_ref.kind, type_ref.values) == (Kind.LITERAL, ("failed", "pending", "succeeded"))


def test_literal_true_is_a_boolean():
    assert object_shape("account").attributes["deleted"].type.kind is Kind.BOOLEAN


def test_list_object_holds_its_items_at_data():
    data = object_shape("invoice").attributes["lines"].type.shape.attributes["data"]
    assert data.type == TypeRef(Kind.LIST, item=TypeRef(Kind.OBJECT, objects=("line_item",)))


def test_plain_list_holds_its_items_itself():
    type_ref = object_shape("balance").attributes["available"].type
    assert (type_ref.kind, type_ref.item.kind) == (Kind.LIST, Kind.NESTED)


def test_nested_class_of_the_same_name_resolves_in_its_own_body():
    # `AmountDetails.Tax` and `Hooks.Inputs.Tax` are different classes of one module.
    attributes = object_shape("payment_intent").attributes
    tax = attributes["amount_details"].type.shape.attributes["tax"].type.shape
    assert set(tax.attributes) == {"total_tax_amount"}


def test_object_that_refers_to_itself_is_read():
    assert object_shape("invoice").attributes["latest_revision"].type.objects == ("invoice",)


def test_private_names_are_left_out():
    assert not [name for name in object_shape("charge").attributes if name.startswith("_") or name.isupper()]


@pytest.mark.parametrize("object_name", sdk.object_classes())
def test_every_annotation_is_understood(object_name):
    # What the SDK itself leaves open is always a free map; anything else would be an annotation not read.
    shapes = TypeRef(Kind.NESTED, shape=object_shape(object_name))
    open_types = [one for one in walk(shapes) if one.kind is Kind.ANY]
    free_maps = [one for one in walk(shapes) if one.kind is Kind.MAP and one.item.kind is Kind.ANY]
    assert len(open_types) == len(free_maps)
