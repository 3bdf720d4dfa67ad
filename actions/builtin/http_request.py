"""Send an HTTP request to another service, by a connection."""

import json
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.base import Action, OutputField, Outputs, Repeat
from stripeflow.actions.builtin import answer_fields
from stripeflow.actions.builtin.http_inputs import HeadersInput, PathInput, StatusesInput, ValuesInput
from stripeflow.actions.connections import Connected, ConnectionInput
from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import ActionError, InvalidInput, RefusedUnread, TransientError, UnknownOutcome
from stripeflow.actions.inputs import ChoiceInput, JsonInput
from stripeflow.actions.outbound import READING, Answer
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import worded

KEYED = "keyed"
# So much of what a refusal says is kept.
_MOST_SAID = 500

_OWN_OUTPUTS = (
    OutputField("status", _("Status"), "integer"),
    OutputField("location", _("Location"), "string"),
    OutputField("request_id", _("Request ID"), "string"),
)


class SendRequest(Action):
    """How it repeats, and what it gives, depends on the step: see `for_inputs`."""

    key = "http.request"
    label = _("Send an HTTP request")
    description = _("Call another service by a connection, and use what it answers.")
    category = _("Other services")
    icon = "http"
    repeat = Repeat.ASK
    moves_money = False
    destructive = False
    # What is written elsewhere, people and other workflows may act on.
    changes_customers = True
    inputs: ClassVar = (
        ConnectionInput("connection", label=_("Connection"), required=True),
        ChoiceInput(
            "method",
            label=_("Method"),
            required=True,
            default="POST",
            choices=tuple((one, one) for one in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")),
        ),
        PathInput(
            "path",
            label=_("Path"),
            required=True,
            default="/",
            help_text=_(
                "Begins with “/”. The connection says the host. Values of references are encoded, so that "
                "each stays within its part of the path."
            ),
        ),
        ValuesInput("query", label=_("Query"), help_text=_("What stands behind “?”.")),
        JsonInput(
            "json",
            label=_("Body as JSON"),
            help_text=_(
                "An object or a list. A text that is one reference alone keeps the type of its value."
            ),
        ),
        ValuesInput("form", label=_("Body as a form"), advanced=True),
        ChoiceInput(
            "no_answer",
            label=_("If no answer comes"),
            empty_label=_("Stop, and ask a person whether it was done"),
            choices=((KEYED, _("Send it again: the service ignores a repeated Idempotency-Key")),),
            help_text=_("GET and HEAD change nothing, so they are always sent again."),
        ),
        HeadersInput("headers", label=_("Headers"), advanced=True),
        StatusesInput(
            "also_ok",
            label=_("Further statuses that are a success"),
            advanced=True,
            help_text=_("Besides 200 to 299, such as “404, 409”."),
        ),
        JsonInput(
            "sample",
            label=_("Sample of the answer"),
            references=False,
            help_text=_(
                "Paste an answer of the service. Its fields are what later steps can use; other fields of an "
                "answer are not kept. Paste no personal data."
            ),
        ),
    )
    outputs = Outputs(fields=_OWN_OUTPUTS)
    # The sample stays here.
    sent_inputs = frozenset({"path", "query", "json", "form", "headers"})

    def for_inputs(self, inputs: Mapping[str, Any]) -> Action:
        own: Any = copy(self)
        method = inputs.get("method")
        if method in READING:
            own.repeat, own.changes_customers = Repeat.SAFE, False
        elif inputs.get("no_answer") == KEYED:
            own.repeat = Repeat.KEYED
        own.outputs = Outputs(fields=(*_OWN_OUTPUTS, *answer_fields.outputs_of(inputs.get("sample"))))
        return own

    def check_together(self, inputs: Mapping[str, Any]) -> list[Problem]:
        return [Problem(field, code, message) for field, code, message in _faults(inputs)]

    def clean(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        cleaned = super().clean(inputs)
        for field, _code, message in _faults(cleaned):
            raise InvalidInput(field, message)
        return cleaned

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        connection: Connected = inputs["connection"]
        body, kind = _body(inputs)
        headers = {row["name"]: row["value"] for row in inputs["headers"]}
        if kind:
            headers["Content-Type"] = kind
        if inputs["method"] not in READING:
            headers["Idempotency-Key"] = context.idempotency_key
        answer = connection.send(inputs["method"], _target(inputs), headers=headers, body=body)
        try:
            answer.checked(ok=inputs["also_ok"])
        except ActionError as error:
            raise _saying(error, answer) from error
        return _outputs(inputs, answer)

    def sample_outputs(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        given = {"status": 200, "location": "", "request_id": ""}
        sample = inputs.get("sample")
        return {**given, "body": sample} if sample else given


def _faults(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What does not fit together: name of the input, code, and a sentence."""
    has_body = [name for name in ("json", "form") if inputs.get(name)]
    if len(has_body) == 2:
        message = _now("A request has one body: fill in “Body as JSON” or “Body as a form”, not both.")
        yield "form", "two_bodies", worded(message)
    if has_body and inputs.get("method") in READING:
        message = _now("A request with the method %(method)s has no body. Use the query, or another method.")
        yield has_body[0], "no_body", worded(message, names={"method": inputs["method"]})


def _target(inputs: Mapping[str, Any]) -> str:
    query = urlencode([(row["name"], row["value"]) for row in inputs["query"]])
    return f"{inputs['path']}?{query}" if query else inputs["path"]


def _body(inputs: Mapping[str, Any]) -> tuple[bytes | None, str]:
    """The body that is sent, and its type."""
    if inputs["json"]:
        text = json.dumps(inputs["json"], ensure_ascii=False, separators=(",", ":"))
        return text.encode(), "application/json"
    if inputs["form"]:
        text = urlencode([(row["name"], row["value"]) for row in inputs["form"]])
        return text.encode(), "application/x-www-form-urlencoded"
    return None, ""


def _outputs(inputs: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    known = answer.headers
    given: dict[str, Any] = {
        "status": answer.status,
        "location": known.get("location", "")[:2000],
        "request_id": (known.get("x-request-id") or known.get("request-id") or "")[:200],
    }
    if inputs["sample"]:
        given["body"] = answer_fields.kept(inputs["sample"], _json(answer))
    return given


def _json(answer: Answer) -> Any:  # noqa: ANN401  any JSON value
    """The body as JSON. The request was a success, so what cannot be read leaves its outcome open."""
    try:
        return answer.json()
    except ValueError:
        kind = UnknownOutcome if answer.writes else RefusedUnread
        why = answer.cut or _now("It is not JSON.")
        message = _now("%(host)s answered %(status)d, and its answer cannot be read. %(why)s")
        names = {"host": answer.host, "status": answer.status, "why": why}
        details = {"status": answer.status, "host": answer.host}
        raise kind(worded(message, names=names), code="answer_unreadable", details=details) from None


def _saying(error: ActionError, answer: Answer) -> ActionError:
    """The error with what the service says of it: a value, so only people who may see payloads read it."""
    said = " ".join(answer.text.split())[:_MOST_SAID]
    if not said:
        return error
    message = worded("{sentence} {said}", names={"sentence": error.message}, said=said)
    kind: Any = type(error)
    further = {"retry_after": error.retry_after} if isinstance(error, TransientError) else {}
    return kind(message, code=error.code, details=error.details, **further)
