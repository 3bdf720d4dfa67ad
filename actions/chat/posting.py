"""What the actions of all chats have in common."""

import json
from abc import abstractmethod
from collections.abc import Mapping
from copy import copy
from typing import Any, Self

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.base import Action, OutputField, Outputs, Preview, Repeat
from stripeflow.actions.chat.message import Message, compose
from stripeflow.actions.connections import Connected, ConnectionInput
from stripeflow.actions.context import ActionContext
from stripeflow.actions.inputs import ChoiceInput, LabelledValuesInput, StringInput, TextInput
from stripeflow.actions.inputs.base import InputField

ASK, AGAIN = "ask", "again"
# The shortest of the limits that the services have for a text, and for the number of its rows.
MAX_TEXT, MAX_TITLE, MAX_ROWS = 3000, 150, 25


class PostMessage(Action):
    """Posts one message. A subclass says its service's `kind` of connection, and how it is `written`."""

    description = _("Post a message to the team's chat, with values from the event.")
    category = _("Notifications")
    icon = "chat"
    repeat = Repeat.ASK
    moves_money = False
    destructive = False
    changes_customers = False
    outputs = Outputs(
        fields=(
            OutputField("title", _("Title"), "string"),
            OutputField("status", _("Status"), "integer"),
        )
    )

    @abstractmethod
    def written(self, message: Message) -> dict[str, Any]:
        """Return the body of the request, as the service wants it."""

    def for_inputs(self, inputs: Mapping[str, Any]) -> Self:
        if inputs.get("no_answer") != AGAIN:
            return self
        own: Any = copy(self)
        own.repeat = Repeat.KEYED
        return own

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        connection: Connected = inputs["connection"]
        message = compose(inputs, context)
        body = json.dumps(self.written(message), ensure_ascii=False).encode()
        answer = connection.send("POST", headers={"Content-Type": "application/json"}, body=body)
        answer.checked()
        return {"title": message.title, "status": answer.status}

    def preview(self, inputs: Mapping[str, Any], context: ActionContext) -> Preview:
        message = compose(inputs, context)
        html = render_to_string("stripeflow/actions/chat_message.html", {"message": message})
        to = inputs.get("connection")
        return Preview(message.title, message.plain, html, (str(to),) if to else ())


def inputs_for(kind: str) -> tuple[InputField, ...]:
    """The inputs of a service's action, whose connections are of this kind."""
    return (
        ConnectionInput("connection", label=_("Connection"), required=True, of=kind),
        StringInput(
            "title",
            label=_("Title"),
            required=True,
            max_length=MAX_TITLE,
            shortens=True,
            named_after_workflow=True,
        ),
        TextInput("text", label=_("Text"), max_length=MAX_TEXT, shortens=True),
        LabelledValuesInput(
            "append",
            label=_("Values below the text"),
            max_rows=MAX_ROWS,
            help_text=_("Each row becomes a line with its label; an empty value shows as “—”."),
        ),
        StringInput(
            "object",
            label=_("Link to an object"),
            max_length=255,
            help_text=_("A Stripe ID, such as that of the payment. The message links to its page at Stripe."),
        ),
        ChoiceInput(
            "no_answer",
            label=_("If no answer comes"),
            default=ASK,
            advanced=True,
            choices=(
                (ASK, _("Stop, and ask a person whether it was posted")),
                (AGAIN, _("Post it again: it may then stand there twice")),
            ),
        ),
    )
