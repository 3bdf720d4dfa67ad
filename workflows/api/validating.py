"""What a workflow's definition lacks, and why it is not activated, as answers of the API."""

from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.shapes.errors import Problems
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.changing import changes_customers
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.problems import DefinitionError, Problem
from stripeflow.workflows.definition.sending import sends_values
from stripeflow.workflows.definition.undecided import if_unknown
from stripeflow.workflows.definition.validation import moves_money, validate
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.display.words import undecided_words


def problems_of(document: Json, deleted: tuple[Json, ...] = ()) -> Response:
    """What validation finds in a document; `deleted` are steps that were taken out of it."""
    found = validate(document, deleted=deleted).problems
    shape = {
        "valid": not found.errors,
        "moves_money": moves_money(document),
        "changes_customers": changes_customers(document),
        "sends_values": sends_values(document),
        "problems": found.errors,
        "warnings": found.warnings,
        "undecided": [_rule(place.step) for place in steps(document) if kinds.of(place.step).asks_person],
    }
    return Response(Problems(shape).data)


def _rule(step: Json) -> Json:
    return {"step": step["key"], "branches": if_unknown(step), "message": undecided_words(step)}


def not_reviewed() -> ApiError:
    """428: the workflow is not activated before it was read."""
    message = _(
        "This workflow moves money or destroys something, or one of its actions is not installed. Read it, "
        "and send its ETag in the header If-Match: then only what you have read is activated."
    )
    return ApiError(message, code="if_match_required", status=428)


def not_activatable(error: DefinitionError) -> ApiError:
    """422 with the problems."""
    message = _("The workflow has problems, so it cannot be activated.")
    problems: tuple[Problem, ...] = error.problems
    return ApiError(message, code="not_valid", status=422, problems=problems)
