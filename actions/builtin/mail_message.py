"""Composes e-mails to the team. Event data is hostile text: it never becomes a header or markup."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from stripeflow.actions import conf
from stripeflow.actions.context import ActionContext
from stripeflow.actions.visible import single_line, visible

MAX_SUBJECT = 250
EMPTY_VALUE = "—"


@dataclass(frozen=True)
class Mail:
    """A composed message; `headers` are ours alone, with names fixed in code."""

    subject: str
    text: str
    html: str
    message_id: str
    headers: dict[str, str]


def compose(inputs: Mapping[str, Any], context: ActionContext) -> Mail:
    """Return the message for rendered inputs; empty inputs are fine, for a preview."""
    subject = one_line(f"{conf.get('EMAIL_SUBJECT_PREFIX')}{inputs.get('subject') or ''}")[:MAX_SUBJECT]
    body = visible(inputs.get("body") or "").strip()
    rows = [(single_line(row["label"]), shown(row["value"])) for row in inputs.get("append") or []]
    message_id = message_id_of(context.idempotency_key)
    return Mail(
        subject=subject,
        text=_text(body, rows, context),
        html=_html(subject, body, rows, context),
        message_id=message_id,
        headers={
            "Message-ID": message_id,
            "X-StripeFlow-Run": one_line(context.run_id),
            "X-StripeFlow-Step": one_line(context.step_key),
            "Auto-Submitted": "auto-generated",
        },
    )


def message_id_of(idempotency_key: str, *, sender: str = "") -> str:
    """Return the same Message-ID for every attempt with this key, and another for any other key.

    Its domain is that of the sender, by default that of DEFAULT_FROM_EMAIL.
    """
    digest = hashlib.sha256(idempotency_key.encode()).hexdigest()[:40]
    address = parseaddr(sender or settings.DEFAULT_FROM_EMAIL)[1]
    domain = address.rpartition("@")[2] or "localhost"
    return f"<stripeflow.{digest}@{domain}>"


def one_line(text: str) -> str:
    """Return the text without line breaks and control characters, which headers may not carry."""
    spaced = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(spaced.split())


def shown(value: object) -> str:
    """The value in one line, so that it cannot look like another row."""
    return single_line("" if value is None else str(value)) or EMPTY_VALUE


def _text(body: str, rows: list[tuple[str, str]], context: ActionContext) -> str:
    parts = [body]
    if rows:
        parts.append("\n".join(f"{label}: {value}" for label, value in rows))
    parts.append(_("Sent by the workflow “%(name)s”.") % {"name": context.workflow_name})
    if context.absolute_run_url:
        parts[-1] += f"\n{context.absolute_run_url}"
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(subject: str, body: str, rows: list[tuple[str, str]], context: ActionContext) -> str:
    values = {
        "subject": subject,
        "body": body,
        "rows": rows,
        "workflow_name": context.workflow_name,
        "run_url": context.absolute_run_url,
    }
    return render_to_string("stripeflow/actions/email.html", values)
