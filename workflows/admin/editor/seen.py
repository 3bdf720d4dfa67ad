"""What recent events held, field by field: shown beside the fields that a person chooses from.

Payloads are for people who have `view_payload`; others see nothing.
"""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, JsonResponse

from stripeflow.triggers.models import BODY
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.editor.value_boxes import typed
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.matching.candidates import of_types
from stripeflow.workflows.references import MissingValue, Path, Scope, format_path, resolve
from stripeflow.workflows.rehearsal.walking import Given

# How many of the newest events of a trigger's types are read, and how much of them, how deep.
EVENTS = 50
_FIELDS = 400
_VALUES = 4
_LONGEST = 80
_DEPTH = 4

Seen = dict[str, list[str]]


def seen_values(trigger: TriggerPlan, workflow_id: int) -> Seen:
    """The latest different values by path, newest first, as one types them into a condition. One query."""
    events = of_types(trigger, workflow_id).whole()
    newest = events.order_by("-created")[:EVENTS]
    found: Seen = {}
    known = Known(trigger)
    for event in newest.only("source", *BODY):
        for path, text in _texts(event.payload, known):
            texts = found.setdefault(path, []) if path in found or len(found) < _FIELDS else []
            if text not in texts and len(texts) < _VALUES:
                texts.append(text)
    return found


def seen_response(request: HttpRequest, trigger: TriggerPlan, workflow_id: int) -> JsonResponse:
    """The values for a page's script; none for people who may not see payloads."""
    may_see = permissions.may_see_payloads(request.user) and trigger.topics
    return JsonResponse({"seen": seen_values(trigger, workflow_id) if may_see else {}})


def _texts(payload: dict[str, Any], known: Known) -> Iterator[tuple[str, str]]:
    scope = Scope.of_event(Given(payload))
    envelope = {key: value for key, value in payload.items() if key != "data"}
    for root, value in (("trigger", scope["trigger"]), ("event", envelope)):
        for path, scalar in _scalars(value, (root,)):
            written = format_path(path)
            if found := known.find(written):
                currency = found.currency or _at(found.currency_field, scope)
                text = typed(scalar, found.type, currency=currency)
                if text and len(text) <= _LONGEST:
                    yield written, text


def _scalars(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and len(path) <= _DEPTH:
        for key, inner in value.items():
            yield from _scalars(inner, (*path, key))
    elif isinstance(value, str | int | float) and len(path) > 1:
        yield path, value


def _at(path: str | None, scope: dict[str, Any]) -> str:
    """The currency at a path, or "" if there is none."""
    try:
        value = resolve(tuple(path.split(".")), scope) if path else ""
    except MissingValue:
        return ""
    return value if isinstance(value, str) else ""
