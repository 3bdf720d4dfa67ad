"""Post to Microsoft Teams: a workflow of Teams that waits for a webhook takes an Adaptive Card.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.actions.chat import webhook_address
from stripeflow.actions.chat.message import Message
from stripeflow.actions.chat.posting import PostMessage, inputs_for
from stripeflow.actions.connections import kinds

KIND = kinds.register(
    kinds.ConnectionKind(
        "teams",
        "Microsoft Teams",
        description=_("A channel or chat of Teams, by the webhook of a workflow of Teams."),
        auths=(webhook_address.KEY,),
    )
)
_CARD = "application/vnd.microsoft.card.adaptive"


class PostToTeams(PostMessage):
    key = "teams.post"
    label = _("Post to Microsoft Teams")
    inputs = inputs_for(KIND.key)

    def written(self, message: Message) -> dict[str, Any]:
        card: dict[str, Any] = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "msteams": {"width": "Full"},
            # What a notification shows.
            "fallbackText": message.title,
            "body": list(_body(message)),
            "actions": [
                {"type": "Action.OpenUrl", "title": link.label, "url": link.url} for link in message.links
            ],
        }
        attachment = {"contentType": _CARD, "contentUrl": None, "content": card}
        return {"type": "message", "attachments": [attachment]}


def _body(message: Message) -> Iterator[dict[str, Any]]:
    """Rich text, since Teams reads Markdown in every other text."""
    yield _rich({"text": message.title, "size": "Large", "weight": "Bolder"})
    for line in message.text.splitlines():
        # A run breaks no line.
        yield _rich({"text": line or " "}, is_close=True)
    for number, (label, value) in enumerate(message.rows):
        yield _rich({"text": f"{label}: ", "weight": "Bolder"}, {"text": value}, is_close=number > 0)
    yield _rich({"text": message.origin, "size": "Small", "isSubtle": True})


def _rich(*runs: dict[str, Any], is_close: bool = False) -> dict[str, Any]:
    inlines = [{"type": "TextRun", **run} for run in runs]
    return {"type": "RichTextBlock", "spacing": "None" if is_close else "Default", "inlines": inlines}
