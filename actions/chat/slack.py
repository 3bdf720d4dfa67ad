"""Post to Slack: an incoming webhook takes blocks.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
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
        "slack",
        "Slack",
        description=_("A channel of Slack, by an incoming webhook."),
        address="https://hooks.slack.com",
        auths=(webhook_address.KEY,),
        secret_fault=webhook_address.begins_with("https://hooks.slack.com/services/"),
    )
)


class PostToSlack(PostMessage):
    key = "slack.post"
    label = _("Post to Slack")
    inputs = inputs_for(KIND.key)

    def written(self, message: Message) -> dict[str, Any]:
        return {
            # What a notification shows; the only text in which Slack looks for markup.
            "text": _escaped(message.title),
            "blocks": list(_blocks(message)),
            "unfurl_links": False,
            "unfurl_media": False,
        }


def _blocks(message: Message) -> Iterator[dict[str, Any]]:
    """No text in them is read as markup: header and rich text take theirs as they are."""
    yield {"type": "header", "text": {"type": "plain_text", "text": message.title, "emoji": False}}
    sections = []
    if message.text:
        sections.append([_text(message.text)])
    if message.rows:
        sections.append([part for row in message.rows for part in _line(*row)])
    if message.links:
        sections.append(list(_links(message)))
    for elements in sections:
        section = {"type": "rich_text_section", "elements": elements}
        yield {"type": "rich_text", "elements": [section]}
    yield {
        "type": "context",
        "elements": [{"type": "plain_text", "text": message.origin, "emoji": False}],
    }


def _line(label: str, value: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return _text(f"{label}: ", is_bold=True), _text(f"{value}\n")


def _links(message: Message) -> Iterator[dict[str, Any]]:
    for number, link in enumerate(message.links):
        if number:
            yield _text(" · ")
        yield {"type": "link", "url": link.url, "text": link.label}


def _text(text: str, *, is_bold: bool = False) -> dict[str, Any]:
    style = {"style": {"bold": True}} if is_bold else {}
    return {"type": "text", "text": text, **style}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
