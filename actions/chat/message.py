"""What a step posts to a chat, before a service writes it in its own way. Event data is hostile text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions.builtin.mail_message import one_line, shown
from stripeflow.actions.context import ActionContext
from stripeflow.actions.dashboard import Dashboard
from stripeflow.actions.visible import single_line, visible


@dataclass(frozen=True)
class Link:
    """A link below the message. Only we write its address, never a value."""

    label: str
    url: str


@dataclass(frozen=True)
class Message:
    """A message of plain texts: none of them is markup, whatever signs it holds."""

    title: str
    text: str
    rows: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    origin: str = ""

    @property
    def plain(self) -> str:
        """The whole as one text."""
        rows = "\n".join(f"{label}: {value}" for label, value in self.rows)
        links = "\n".join(f"{link.label}: {link.url}" for link in self.links)
        parts = (self.title, self.text, rows, links, self.origin)
        return "\n\n".join(part for part in parts if part)


def compose(inputs: Mapping[str, Any], context: ActionContext) -> Message:
    """Return the message for rendered inputs; empty ones are fine, for a preview."""
    rows = ((row["label"], row["value"]) for row in inputs.get("append") or [])
    return Message(
        title=one_line(inputs.get("title") or ""),
        text=visible(inputs.get("text") or "").strip(),
        rows=tuple((single_line(label), shown(value)) for label, value in rows),
        links=tuple(_links(inputs, context)),
        origin=_("Sent by the workflow “%(name)s”.") % {"name": one_line(context.workflow_name)},
    )


def _links(inputs: Mapping[str, Any], context: ActionContext) -> Iterator[Link]:
    if object_id := inputs.get("object"):
        url = Dashboard(context.livemode, context.account).url(object_id)
        if url:
            yield Link(_("See it at Stripe"), url)
    if context.absolute_run_url:
        yield Link(_("See this run"), context.absolute_run_url)
