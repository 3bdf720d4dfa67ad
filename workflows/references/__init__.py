"""Dynamic references: `{{ trigger.amount | money }}`. Pure; syntax and filters: docs/references.md."""

from stripeflow.workflows.references import builtin_filters  # noqa: F401 - registers them
from stripeflow.workflows.references.currencies import no_currency, places_of_currency
from stripeflow.workflows.references.errors import (
    FilterFailed,
    MissingValue,
    NameOf,
    RenderError,
    TemplateError,
    TemplateTooLarge,
    UnknownFilter,
)
from stripeflow.workflows.references.filters import FILTERS, Filter, named, type_given, types_of
from stripeflow.workflows.references.fitting import ANY, TEXT, Fitting, Shape, fit
from stripeflow.workflows.references.parsing import parse, parse_path
from stripeflow.workflows.references.paths import ROOTS, Path, format_path
from stripeflow.workflows.references.rendering import render
from stripeflow.workflows.references.resolving import resolve
from stripeflow.workflows.references.scope import Scope
from stripeflow.workflows.references.template import FilterCall, PathArgument, Reference, Template

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
    "Scope",
    "Shape",
    "Template",
    "TemplateError",
    "TemplateTooLarge",
    "UnknownFilter",
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
