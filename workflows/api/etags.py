"""ETags of workflows: the revision of the definition, and a digest of all that is shown.

A change names the revision that it was made from (`If-Match`), so that nobody's edit is overwritten. A change
of the state alone has no new revision. A read with `If-None-Match` gets 304 only if nothing in the answer has
changed.
"""

import hashlib
import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.negotiation import PlainJson
from stripeflow.workflows.models import Workflow

# Proxies that compress weaken a tag, hence the optional W/. The revision alone will do.
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})(?:-[0-9a-f]{16})?"')
_ANY = "*"


def etag_of(workflow: Workflow, shown: Any) -> str:
    """The ETag header's value for the workflow as it is shown."""
    digest = hashlib.sha256(PlainJson().render(shown)).hexdigest()[:16]
    return f'"{workflow.revision}-{digest}"'


def required_revision(request: Request, workflow: Workflow) -> int:
    """The revision in `If-Match`; `*` stands for the current one. Raises `ApiError` 428 if there is none."""
    if not _if_match(request):
        message = _("Read the workflow, and send its ETag in the header If-Match.")
        raise ApiError(message, code="if_match_required", status=428)
    found = given_revision(request)
    return workflow.revision if found is None else found


def given_revision(request: Request) -> int | None:
    """The revision in `If-Match`, None if there is no such header or any will do. Raises `ApiError` 400."""
    header = _if_match(request)
    if header in ("", _ANY):
        return None
    match = _ETAG.fullmatch(header)
    if match is None:
        message = _('If-Match has to be one ETag of a workflow, such as “"7"” with its quotes.')
        raise ApiError(message, code="if_match_invalid")
    return int(match.group(1))


def is_known(request: Request, etag: str) -> bool:
    """Whether the caller has this very answer already, by `If-None-Match`."""
    header = request.META.get("HTTP_IF_NONE_MATCH", "").strip()
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return header == _ANY or etag in tags


def _if_match(request: Request) -> str:
    return request.META.get("HTTP_IF_MATCH", "").strip()
