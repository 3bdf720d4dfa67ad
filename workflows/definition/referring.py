"""What is wrong with the references in a text, before anything runs."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from stripeflow.actions.money import is_currency
from stripeflow.workflows.definition.problems import Severity
from stripeflow.workflows.definition.typing import PREVIOUS, Found, Known
from stripeflow.workflows.references import (
    ANY,
    FILTERS,
    Path,
    Reference,
    Shape,
    TemplateError,
    fit,
    format_path,
    named,
    no_currency,
    parse,
    places_of_currency,
)


@dataclass(frozen=True)
class ReferenceProblem:
    """What is wrong with a reference in a text, without the place of the text."""

    code: str
    message: str
    severity: Severity = Severity.ERROR


def reference_problems(
    template: str, known: Known, *, takes: frozenset[str] = frozenset()
) -> Iterator[ReferenceProblem]:
    """What is wrong with the references in a text at a step.

    `takes` are the kinds of value that the input takes from a lone reference; empty means any.
    """
    try:
        parsed = parse(template)
    except TemplateError as error:
        yield ReferenceProblem("template", error.message)
        return
    for reference in parsed.references:
        yield from _problems(reference, known, takes if parsed.is_single else frozenset())


def _problems(reference: Reference, known: Known, takes: frozenset[str]) -> Iterator[ReferenceProblem]:
    for path in map(format_path, reference.paths):
        yield from _path_problems(path, known)
    path = format_path(reference.path)
    found = known.find(path)
    if found is None:
        return
    severity = Severity.WARNING if found.guessed else Severity.ERROR
    fitting = fit(
        reference,
        _shape(found),
        inside=lambda name: _inside(known, path, name),
        of=lambda other: _known_shape(known.find(format_path(other))),
    )
    if fault := fitting.fault or _currency_fault(reference, found, known):
        yield ReferenceProblem("filter", fault, severity)
    for shape in fitting.shapes if takes else ():
        if shape.never_is(takes):
            yield ReferenceProblem("kind", _wrong_kind(shape, takes), severity)
    yield from _item_problems(reference, path, known)
    if found.path.startswith(f"{PREVIOUS}.") and not _has_default(reference):
        yield ReferenceProblem("may_be_missing", _only_if_changed(found), Severity.WARNING)


def _path_problems(path: str, known: Known) -> Iterator[ReferenceProblem]:
    found = known.find(path)
    if found is None:
        yield ReferenceProblem("unknown_reference", known.unknown(path))
    elif found.doubt:
        yield ReferenceProblem("unknown_reference", found.doubt, Severity.WARNING)


def _item_problems(reference: Reference, path: str, known: Known) -> Iterator[ReferenceProblem]:
    """Doubts on the field that `map` takes of each item."""
    for call in reference.filters[:1]:
        name = call.arguments[0] if call.name == "map" else None
        found = known.item_finder(path).find(f"item.{name}") if isinstance(name, str) else None
        if found and found.doubt:
            yield ReferenceProblem("unknown_reference", found.doubt, Severity.WARNING)


def _shape(found: Found) -> Shape:
    item = found.field.item if found.field and found.type == "list" else None
    return Shape.of(found.type, Shape.of(str(item.type)) if item else None)


def _inside(known: Known, list_path: str, name: str) -> Shape:
    return _known_shape(known.item_finder(list_path).find(f"item.{name}"))


def _known_shape(found: Found | None) -> Shape:
    return _shape(found) if found and not found.guessed else ANY


def _has_default(reference: Reference) -> bool:
    return any(FILTERS[call.name].takes_missing for call in reference.filters)


def _only_if_changed(found: Found) -> str:
    message = _(
        "“%s” is only there where it has changed. Say what stands there otherwise, as in "
        'default("unchanged").'
    )
    return message % found.label


def _wrong_kind(shape: Shape, takes: frozenset[str]) -> str:
    return _("It has to be %(wanted)s, and the value is %(found)s.") % {
        "wanted": named(takes),
        "found": named(shape.kinds),
    }


def _currency_fault(reference: Reference, found: Found, known: Known) -> str:
    """Why an amount would have no currency, or a wrong one; "" if the right one is beside it."""
    call = reference.filters[0] if reference.filters else None
    if call is None or call.name != "money" or call.arguments or found.type in {"object", "any"}:
        return ""
    nearest = _nearest_currency(reference.path, known)
    if found.type == "money" and found.currency_field not in {None, nearest}:
        return _("The currency of “%(label)s” stands somewhere else. Write money(%(path)s).") % {
            "label": found.label,
            "path": found.currency_field,
        }
    return "" if nearest or is_currency(str(reference.path[-1])) or found.guessed else no_currency()


def _nearest_currency(path: Path, known: Known) -> str | None:
    for place in places_of_currency(path):
        written = format_path(place)
        found = known.find(written)
        if found and not found.doubt and found.type in {"string", "enum", "any"}:
            # Before the change it is the same one, unless it changed too.
            return written.replace(f"{PREVIOUS}.", "trigger.")
    return None
