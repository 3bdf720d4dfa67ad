"""What a workflow's definition lacks, and why it is not activated, as answers of the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.shapes.errors import Problems as ProblemsShape
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.changing import changes_customers
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.other_workflows import unseen
from stripeflow.workflows.definition.problems import DefinitionError, Problem, Problems, Severity
from stripeflow.workflows.definition.sending import sends_values
from stripeflow.workflows.definition.undecided import if_unknown
from stripeflow.workflows.definition.validation import moves_money, validate
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.display.words import undecided_words


def problems_of(document: Json, user: Any, deleted: tuple[Json, ...] = ()) -> Response:
    """What validation finds in a document; `deleted` are steps that were taken out of it.

    Of other workflows that it names, only those are told anything who may view workflows.
    """
    if permissions.may_view(user):
        return _answer(document, validate(document, deleted=deleted).problems)
    with unseen() as noted:
        found = validate(document, deleted=deleted).problems
        if noted.is_asked:
            found = Problems([*found, _not_checked()])
        return _answer(document, found)


def _not_checked() -> Problem:
    message = _(
        "The definition names other workflows. Whether they fit was not checked, since that needs the "
        "permission to view workflows."
    )
    return Problem("", "other_workflows_not_checked", str(message), severity=Severity.WARNING)


def _answer(document: Json, found: Problems) -> Response:
    shape = {
        "valid": not found.errors,
        "moves_money": moves_money(document),
        "changes_customers": changes_customers(document),
        "sends_values": sends_values(document),
        "problems": found.errors,
        "warnings": found.warnings,
        "undecided": [_rule(place.step) for place in steps(document) if kinds.of(place.step).asks_person],
    }
    return Response(ProblemsShape(shape).data)


def _rule(step: Json) -> Json:
    return {"step": step["key"], "branches": if_unknown(step), "message": undecided_words(step)}


def not_reviewed() -> ApiError:
    """428: the workflow is not activated before it was read."""
    message = _(
        "This workflow moves money or destroys something, or one of its actions is not installed. Read it, "
        "and send its ETag in the header If-Match: then only what you have read is activated."
    )
    return ApiError(message, code="if_match_required", status=428)


def not_activatable(error: DefinitionError, user: Any) -> ApiError:
    """422 with the problems, for people who may read the definition; others are told that there are some."""
    message = _("The workflow has problems, so it cannot be activated.")
    problems: tuple[Problem, ...] = error.problems if permissions.may_view(user) else ()
    return ApiError(message, code="not_valid", status=422, problems=problems)
