"""Query parameters, checked as strictly as bodies: an unknown or wrong one is refused, never ignored."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

from stripeflow.actions.naming import with_close
from stripeflow.triggers.json_safety import is_storable
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from stripeflow.workflows.definition.problems import Problem


class Query(serializers.Serializer):
    """The parameters of one list. Several values of one parameter are given by repeating it."""


def number_field(help_text: str) -> serializers.IntegerField:
    """An id or number; what no column can hold is refused before a database is asked."""
    return serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1, help_text=help_text)


def account_field() -> serializers.CharField:
    """The parameter for `stripeflow.triggers.account_filter.of_account`."""
    return serializers.CharField(
        required=False,
        help_text="The connected account (`acct_…`), `connected` for all of them, or `own` for our own.",
    )


def livemode_field() -> serializers.BooleanField:
    """The parameter for the mode."""
    return serializers.BooleanField(required=False, help_text="Live mode, or test mode.")


class Pages(Query):
    page = serializers.IntegerField(required=False, min_value=1, help_text="Number of the page, from 1.")
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_PAGE_SIZE, help_text=f"Rows per page ({PAGE_SIZE})."
    )


class Cursors(Query):
    cursor = serializers.CharField(required=False, help_text="From `next` or `previous` of another page.")
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_PAGE_SIZE, help_text=f"Rows per page ({PAGE_SIZE})."
    )


def read_query(request: Request, query_class: type[Query]) -> dict[str, Any]:
    """The checked parameters that were given. Raises `ApiError` or `ValidationError`, both 400."""
    query = query_class(data=request.query_params)
    problems = [
        Problem(
            f"/{name}",
            "unknown_parameter",
            with_close(_("This address has no parameter of this name."), name, query.fields),
            field=name,
        )
        for name in request.query_params
        if name not in query.fields
    ]
    problems += [
        Problem(f"/{name}", "character", str(_("The value holds a NUL character.")), field=name)
        for name, values in request.query_params.lists()
        if not all(map(is_storable, values))
    ]
    problems += [
        Problem(f"/{name}", "empty", str(_("Give a value, or leave the parameter out.")), field=name)
        for name, values in request.query_params.lists()
        if not all(map(str.strip, values))
    ]
    if problems:
        message = _("The address has parameters that cannot be used.")
        raise ApiError(message, code="invalid", problems=problems)
    query.is_valid(raise_exception=True)
    # Absent choices and booleans would look as if "none" or "no" had been given.
    return {name: value for name, value in query.validated_data.items() if name in request.query_params}
