"""Post to Discord: an incoming webhook takes an embed.

https://docs.discord.com/developers/resources/webhook
"""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.actions.chat import webhook_address
from stripeflow.actions.chat.message import Message
from stripeflow.actions.chat.posting import PostMessage, inputs_for
from stripeflow.actions.connections import kinds
from stripeflow.actions.inputs.text import shortened

KIND = kinds.register(
    kinds.ConnectionKind(
        "discord",
        "Discord",
        description=_("A channel of Discord, by a webhook."),
        address="https://discord.com",
        auths=(webhook_address.KEY,),
        secret_fault=webhook_address.begins_with("https://discord.com/api/webhooks/"),
    )
)
# An embed's title and description, and what of the latter is for text and rows:
# https://docs.discord.com/developers/resources/message#embed-object-embed-limits
_MOST_TITLE, _FOR_TEXT, _FOR_ROWS = 256, 2400, 1650
# An address reads the same without escaping, and would not with it.
_ADDRESS_OR_MARKUP = re.compile(r"https?://[^\s<>\[\]()]+|[\\`*_~|<>\[\]()#+:@-]")


class PostToDiscord(PostMessage):
    key = "discord.post"
    label = _("Post to Discord")
    inputs = inputs_for(KIND.key)

    def written(self, message: Message) -> dict[str, Any]:
        links = " · ".join(f"[{_escaped(link.label)}](<{link.url}>)" for link in message.links)
        parts = (_fitting(message.text, _FOR_TEXT), "\n".join(_rows(message)))
        embed = {
            "title": _fitting(message.title, _MOST_TITLE),
            "description": "\n\n".join(part for part in parts if part),
            "fields": [{"name": _NOTHING, "value": links}] if links else [],
            "footer": {"text": message.origin},
        }
        # Nobody is called by a name in a value.
        return {"embeds": [embed], "allowed_mentions": {"parse": []}}


# A field needs a name, and this one is not seen.
_NOTHING = "\u200b"


def _rows(message: Message) -> Iterator[str]:
    """A line for each row. They share the room, and a longer one is shortened."""
    for label, value in message.rows:
        room = _FOR_ROWS // len(message.rows) - len("**:** ")
        name = _fitting(label, room // 2)
        yield f"**{name}:** {_fitting(value, room - len(name))}"


def _fitting(text: str, most: int) -> str:
    """The text as it reads to people, in at most so many characters with what escapes its signs."""
    shown = _escaped(text)
    while len(shown) > most:
        over = len(shown) - most
        text = shortened(text, max(len(text) - max(over // 2, 1), 1))
        shown = _escaped(text)
    return shown


def _escaped(text: str) -> str:
    return _ADDRESS_OR_MARKUP.sub(_as_it_is, text)


def _as_it_is(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("http") else f"\\{found[0]}"
