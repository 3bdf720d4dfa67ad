"""Bodies: an object with known names, or nothing. Anything else is refused before an operation begins."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

from stripeflow.actions.naming import with_close
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.definition.problems import Problem


class StrictBody(serializers.Serializer):
    """A body without unknown names: a misspelt one would do something else than what was meant.

    `rules` is what its own checks ask for, in the words of a JSON schema.
    """

    rules: ClassVar[dict[str, Any]] = {}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):
            message = _("There is no field of this name.")
            raise serializers.ValidationError(
                {
                    name: serializers.ErrorDetail(with_close(message, name, self.fields), "unknown")
                    for name in sorted(unknown)
                }
            )
        return super().to_internal_value(data)


class NoBody(StrictBody):
    """No body, or an empty object: for operations without parameters."""


def exactly_one(first: str, *others: str) -> dict[str, Any]:
    """The rule that one of these names is given. In this form generators of clients leave the names alone."""
    if not others:
        return {"required": [first]}
    none_of_these = {"not": {"anyOf": [{"required": [name]} for name in others]}}
    return {"if": {"required": [first]}, "then": none_of_these, "else": exactly_one(*others)}


def read_body(request: Request, shape: type[StrictBody]) -> dict[str, Any]:
    """The checked values of a body; one of no bytes is an empty object. Raises 400."""
    data = request.data
    if not isinstance(data, dict):
        message = _("The body has to be a JSON object.")
        raise ApiError(message, code="invalid", problems=[Problem("", "not_an_object", str(message))])
    body = shape(data=data)
    body.is_valid(raise_exception=True)
    return body.validated_data
