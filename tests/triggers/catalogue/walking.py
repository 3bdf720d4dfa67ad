"""Every integer of an object's own classes, as the money review sees them."""

from stripeflow.triggers.catalogue import field
from stripeflow.triggers.catalogue.shapes import Kind, object_shape


def maps_of_integers(object_name):
    """Path of every map whose values are whole numbers."""
    for path, kind, inner in _all(object_shape(object_name), ""):
        if kind is Kind.MAP and inner is Kind.INTEGER:
            yield path


def integers(object_name):
    """Path (with `*`) and field of every integer, not following other objects."""
    for path, kind, _inner in _all(object_shape(object_name), ""):
        if kind is Kind.INTEGER:
            yield path, field(object_name, path)


def _all(shape, prefix):
    """Path, kind and the kind inside of everything."""
    for attribute in shape.attributes.values():
        yield from _below(attribute.type, prefix + attribute.name)


def _below(type_ref, path):
    yield path, type_ref.kind, type_ref.item.kind if type_ref.item else None
    if type_ref.kind is Kind.NESTED:
        yield from _all(type_ref.shape, f"{path}.")
    elif type_ref.kind in (Kind.LIST, Kind.MAP):
        yield from _below(type_ref.item, f"{path}.*")
