"""What comes out of a reference, as far as its field's type tells, and which filters cannot work on it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows.references.filters import (
    FILTERS,
    KINDS,
    KINDS_OF_TYPE,
    WRITTEN,
    Filter,
    kind_of,
    named,
)
from stripeflow.workflows.references.paths import Path
from stripeflow.workflows.references.template import FilterCall, PathArgument, Reference

# How sentences name the types that a filter may refuse, though it accepts their kind.
_NEVER: dict[str, Promise] = {
    "id": gettext_lazy("an ID"),
    "enum": gettext_lazy("a choice"),
    "metadata": gettext_lazy("all metadata at once"),
    WRITTEN: gettext_lazy("a text that another filter has written"),
}
_INSIDE = frozenset({"list", "object"})


@dataclass(frozen=True)
class Shape:
    """What a value may be: its kinds (keys of `KINDS`; none is any), and those of a list's items.

    `type` is the catalogue's, as long as the value is the field's own.
    """

    kinds: frozenset[str] = frozenset()
    item: "Shape | None" = None
    type: str = ""

    @classmethod
    def of(cls, type_key: str, item: "Shape | None" = None) -> "Shape":
        """The shape of a field of the catalogue's type."""
        return cls(KINDS_OF_TYPE.get(type_key, frozenset()), item, type_key)

    def never_is(self, kinds: frozenset[str]) -> bool:
        """Whether no value of this shape is of one of these kinds."""
        return bool(self.kinds) and not self.kinds & kinds


ANY = Shape()
TEXT = Shape(frozenset({"text"}))


@dataclass(frozen=True)
class Fitting:
    """What may be left after the last filter, and a sentence on the first that cannot work, or "".

    Several shapes, since what `default` puts in place of a value may be of another kind.
    """

    shapes: tuple[Shape, ...]
    fault: str = ""


def fit(
    reference: Reference, shape: Shape, *, inside: Callable[[str], Shape], of: Callable[[Path], Shape]
) -> Fitting:
    """Follow a reference's filters from its field's shape.

    `inside` knows the fields of a list's items, `of` what stands at the path of an argument.
    """
    shapes: tuple[Shape, ...] = (shape,)
    for number, call in enumerate(reference.filters):
        entry = FILTERS[call.name]
        faults = (_argument_fault(entry, call, of), *(_fault(entry, one) for one in shapes))
        if fault := next(filter(None, faults), ""):
            return Fitting((ANY,), fault)
        below = inside if number == 0 else _anything
        shapes = tuple(_after(entry, call, one, below) for one in shapes)
        if entry.takes_missing:
            shapes = (*shapes, _instead(call.arguments[0], of))
    return Fitting(tuple(dict.fromkeys(shapes)))


def _anything(name: str) -> Shape:
    return ANY


def _instead(given: str | int | PathArgument, of: Callable[[Path], Shape]) -> Shape:
    """What `default` puts in place of a value."""
    return of(given.path) if isinstance(given, PathArgument) else Shape(frozenset({kind_of(given)}))


def _fault(entry: Filter, shape: Shape) -> str:
    if shape.type in entry.never:
        return _("The filter “{name}” has no meaning for {found}.").format(
            name=entry.key, found=_NEVER[shape.type]
        )
    if entry.accepts and shape.never_is(entry.accepts):
        return _("The filter “{name}” needs {wanted}, and the value is {found}.").format(
            name=entry.key, wanted=named(entry.accepts), found=named(shape.kinds)
        )
    if entry.plain_items and shape.item and shape.item.kinds and shape.item.kinds <= _INSIDE:
        return _(
            "The items of the list are {found}, and “{name}” writes only plain values. Name one of their "
            'fields first, as in map("description").'
        ).format(name=entry.key, found=named(shape.item.kinds))
    return ""


def _argument_fault(entry: Filter, call: FilterCall, of: Callable[[Path], Shape]) -> str:
    for argument, given in zip(entry.arguments, call.arguments, strict=False):
        if not isinstance(given, PathArgument) or not argument.kind:
            continue
        shape = of(given.path)
        if shape.never_is(frozenset({argument.kind})):
            return _("“{label}” has to be {wanted}, and “{path}” is {found}.").format(
                label=argument.label, wanted=KINDS[argument.kind], path=given, found=named(shape.kinds)
            )
    return ""


def _after(entry: Filter, call: FilterCall, shape: Shape, inside: Callable[[str], Shape]) -> Shape:
    if entry.takes_missing:
        return shape
    if entry.gives_each:
        name = call.arguments[0]
        return Shape(entry.gives, inside(name) if isinstance(name, str) else None)
    if entry.gives_item:
        return shape.item or ANY
    # A text that was only changed is still the field's own.
    kept = shape.type if entry.accepts == entry.gives else WRITTEN
    return Shape(entry.gives, type=kept if entry.gives == TEXT.kinds else "")
