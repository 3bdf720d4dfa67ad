"""Every integer of an object's own classes, as the money review sees them."""

from triggers.catalogue import field
from triggers.catalogue.shapes import Kind, object_shape


def integers(object_name):
    """Path (with `*`) and field of every integer, not following other objects."""
    for path in _paths(object_shape(object_name), ""):
        yield path, field(object_name, path)


def _paths(shape, prefix):
    for attribute in shape.attributes.values():
        yield from _type_paths(attribute.type, prefix + attribute.name)


def _type_paths(type_ref, path):
    if type_ref.kind is Kind.INTEGER:
        yield path
    elif type_ref.kind is Kind.NESTED:
        yield from _paths(type_ref.shape, f"{path}.")
    elif type_ref.kind in (Kind.LIST, Kind.MAP):
        yield from _type_paths(type_ref.item, f"{path}.*")
