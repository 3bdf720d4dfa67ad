"""Composes an e-mail to a customer: as plain text, and as HTML in a layout that a host may replace.

Values of events are text here, and nothing else: they never become a header, markup or a link.
"""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from stripeflow.actions import conf
from stripeflow.actions.builtin.mail_message import MAX_SUBJECT, Mail, message_id_of, one_line
from stripeflow.actions.context import ActionContext
from stripeflow.actions.customer_mail.links import Part, parts_of, safe_address
from stripeflow.actions.visible import single_line, visible

HTML, TEXT = "stripeflow/email/customer.html", "stripeflow/email/customer.txt"


def compose(
    inputs: Mapping[str, Any],
    context: ActionContext,
    *,
    unsubscribe_url: str = "",
    is_preview: bool = False,
) -> Mail:
    """The message for rendered inputs.

    For a preview empty inputs are fine, and a button is shown whatever it leads to: sample data have no real
    address. It leads nowhere then.
    """
    subject = one_line(single_line(inputs.get("subject") or ""))[:MAX_SUBJECT]
    values = {
        "subject": subject,
        "paragraphs": _paragraphs(inputs.get("body") or "", str(context.written.get("body") or "")),
        "button": _button(inputs, context, is_preview=is_preview),
        "company": conf.get("CUSTOMER_EMAIL_COMPANY"),
        "footer": conf.get("CUSTOMER_EMAIL_FOOTER"),
        "unsubscribe_url": unsubscribe_url,
    }
    message_id = message_id_of(context.idempotency_key, sender=conf.get("CUSTOMER_EMAIL_FROM"))
    return Mail(
        subject=subject,
        text=render_to_string(TEXT, values).strip("\n") + "\n",
        html=render_to_string(HTML, values),
        message_id=message_id,
        headers={
            "Message-ID": message_id,
            "X-StripeFlow-Run": one_line(context.run_id),
            "X-StripeFlow-Step": one_line(context.step_key),
            # Not an answer, so that no holiday notice comes back (RFC 3834).
            "Auto-Submitted": "auto-generated",
            **_unsubscribe_headers(unsubscribe_url),
        },
    )


def button_url(inputs: Mapping[str, Any], context: ActionContext) -> str:
    """Where the button leads; "" if there is none, or its address may not be linked to."""
    url = str(inputs.get("button_url") or "").strip()
    hosts = conf.get("CUSTOMER_EMAIL_LINK_HOSTS")
    return safe_address(url, context.written.get("button_url"), hosts) if url else ""


def _button(inputs: Mapping[str, Any], context: ActionContext, *, is_preview: bool) -> Part | None:
    label, url = single_line(inputs.get("button_label") or ""), button_url(inputs, context)
    if is_preview and (inputs.get("button_url") or context.written.get("button_url")):
        url = url or "#"
    return Part(label, url) if label and url else None


def _paragraphs(body: str, written: str) -> list[list[tuple[Part, ...]]]:
    """The text by paragraphs, lines and pieces; a blank line ends a paragraph."""
    found: list[list[tuple[Part, ...]]] = [[]]
    for line in visible(body).strip().split("\n"):
        if line.strip():
            found[-1].append(parts_of(line.rstrip(), [written]))
        elif found[-1]:
            found.append([])
    return [paragraph for paragraph in found if paragraph]


def _unsubscribe_headers(url: str) -> dict[str, str]:
    if not url:
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
