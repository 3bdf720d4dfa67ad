"""Filling templates in: values in, a value out."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions.wording import worded
from stripeflow.workflows.references.errors import FilterFailed, MissingValue, RenderError
from stripeflow.workflows.references.filter_functions import NOTHING, Given
from stripeflow.workflows.references.filters import FILTERS, KINDS, Filter, argument_fault, kind_of, named
from stripeflow.workflows.references.parsing import parse
from stripeflow.workflows.references.paths import format_path
from stripeflow.workflows.references.resolving import resolve
from stripeflow.workflows.references.template import FilterCall, PathArgument, Reference, Template
from stripeflow.workflows.references.texts import as_text, capped


def render(template: Template | str, scope: dict[str, Any], *, locale: str | None = None) -> Any:
    """Fill a template in: one reference alone keeps the value's type, anything else is a text.

    A text is capped at 100,000 characters; a list or an object that keeps its type is the scope's own.
    `locale` is a language code for amounts and dates. Raises `RenderError` (`MissingValue`,
    `FilterFailed`, `TemplateTooLarge`), and `TemplateError` if the template comes as a text.
    """
    if isinstance(template, str):
        template = parse(template)
    if template.is_single:
        value = _value(template.references[0], scope, locale)
        return capped(value) if isinstance(value, str) else value
    written = ""
    for part in template.parts:
        text = part if isinstance(part, str) else as_text(_value(part, scope, locale))
        written = capped(written + text)
    return written


def _value(reference: Reference, scope: dict[str, Any], locale: str | None) -> Any:
    path = format_path(reference.path)
    reason: RenderError = FilterFailed(str(reference), worded(_("The list is empty.")), path)
    try:
        value = resolve(reference.path, scope)
    except MissingValue as error:
        value, reason = NOTHING, error
    for call in reference.filters:
        before = value
        try:
            value = _filtered(call, Given(value, reference.path, scope, locale), reference)
        except (MissingValue, FilterFailed) as error:
            # What a filter cannot work on is as good as missing: `default` may stand in for it.
            value, reason = NOTHING, reason if before is NOTHING else error
    if value is NOTHING:
        raise reason
    return value


def _filtered(call: FilterCall, given: Given, reference: Reference) -> Any:
    entry = FILTERS[call.name]
    if _passes(entry, given.value):
        return given.value
    try:
        _require_fit(entry, given.value)
        arguments = [_argument(entry, n, value, given.scope) for n, value in enumerate(call.arguments)]
        paths = tuple(one.path if isinstance(one, PathArgument) else None for one in call.arguments)
        value = entry.function(replace(given, argument_paths=paths), *arguments)
    except ValueError as error:
        raise FilterFailed(str(reference), str(error), format_path(reference.path)) from error
    return capped(value) if isinstance(value, str) else value


def _passes(entry: Filter, value: Any) -> bool:
    if value is NOTHING:
        return not entry.takes_missing
    return value is None and not entry.takes_null


def _require_fit(entry: Filter, value: Any) -> None:
    kind = kind_of(value)
    if entry.accepts and kind not in entry.accepts:
        message = _("The filter “{name}” needs {wanted}, and the value is {found}.")
        names = {"name": entry.key, "wanted": named(entry.accepts), "found": KINDS.get(kind, kind)}
        raise ValueError(worded(message, names=names))


def _argument(entry: Filter, number: int, value: Any, scope: dict[str, Any]) -> Any:
    if not isinstance(value, PathArgument):
        return value
    found = resolve(value.path, scope)
    if fault := argument_fault(entry.arguments[number], found):
        raise ValueError(fault)
    return found
