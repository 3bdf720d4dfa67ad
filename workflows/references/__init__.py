"""Dynamic references: `{{ trigger.amount | money }}`. Pure; syntax and filters: docs/references.md."""

from workflows.references.errors import (
    FilterFailed,
    MissingValue,
    RenderError,
    TemplateError,
    TemplateTooLarge,
)
from workflows.references.filters import FILTERS, Filter, check_filters, type_given, types_of
from workflows.references.parsing import parse, parse_path
from workflows.references.paths import ROOTS, Path, format_path
from workflows.references.rendering import render
from workflows.references.resolving import resolve
from workflows.references.template import FilterCall, PathArgument, Reference, Template

__all__ = [
    "FILTERS",
    "ROOTS",
    "Filter",
    "FilterCall",
    "FilterFailed",
    "MissingValue",
    "Path",
    "PathArgument",
    "Reference",
    "RenderError",
    "Template",
    "TemplateError",
    "TemplateTooLarge",
    "check_filters",
    "format_path",
    "parse",
    "parse_path",
    "render",
    "resolve",
    "type_given",
    "types_of",
]
