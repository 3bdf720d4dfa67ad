"""Dynamic references: `{{ trigger.amount | money }}`. Pure; syntax and filters: docs/references.md."""

from workflows.references.currencies import no_currency, places_of_currency
from workflows.references.errors import (
    FilterFailed,
    MissingValue,
    NameOf,
    RenderError,
    TemplateError,
    TemplateTooLarge,
)
from workflows.references.filters import FILTERS, Filter, named, type_given, types_of
from workflows.references.fitting import ANY, TEXT, Fitting, Shape, fit
from workflows.references.parsing import parse, parse_path
from workflows.references.paths import ROOTS, Path, format_path
from workflows.references.rendering import render
from workflows.references.resolving import resolve
from workflows.references.template import FilterCall, PathArgument, Reference, Template

__all__ = [
    "ANY",
    "FILTERS",
    "ROOTS",
    "TEXT",
    "Filter",
    "FilterCall",
    "FilterFailed",
    "Fitting",
    "MissingValue",
    "NameOf",
    "Path",
    "PathArgument",
    "Reference",
    "RenderError",
    "Shape",
    "Template",
    "TemplateError",
    "TemplateTooLarge",
    "fit",
    "format_path",
    "named",
    "no_currency",
    "parse",
    "parse_path",
    "places_of_currency",
    "render",
    "resolve",
    "type_given",
    "types_of",
]
