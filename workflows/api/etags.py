"""Guarding two editors: the ETag of a workflow is its revision, and a change names the one it has seen.

A workflow's state may change without its definition; the ETag speaks of the definition only, and no
answer of the API may be kept by a cache.
"""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from workflows.api.errors import ApiError, PreconditionFailed
from workflows.models import Workflow

# Proxies that compress weaken a tag, hence the optional W/.
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


def etag_of(workflow: Workflow) -> str:
    """The ETag header's value for the workflow's definition."""
    return f'"{workflow.revision}"'


def required_revision(request: Request) -> int:
    """The revision in `If-Match`. Raises `ApiError` 428 if there is none."""
    found = given_revision(request)
    if found is None:
        message = _("Send the ETag of the workflow as you have read it in the header If-Match.")
        raise ApiError(message, code="if_match_required", status=428)
    return found


def given_revision(request: Request) -> int | None:
    """The revision in `If-Match`, None if there is no such header. Raises `ApiError` 400."""
    header = request.META.get("HTTP_IF_MATCH", "").strip()
    if not header:
        return None
    match = _ETAG.fullmatch(header)
    if match is None:
        message = _('If-Match has to be one ETag of a workflow, such as “"7"” with its quotes.')
        raise ApiError(message, code="if_match_invalid")
    return int(match.group(1))


def conflict(workflow: Workflow, error: Exception) -> PreconditionFailed:
    """412 with the workflow's current ETag."""
    current: Any = Workflow.objects.values_list("revision", flat=True).get(pk=workflow.pk)
    return PreconditionFailed(str(error), revision=current)
