"""Sends the e-mails of alerts: to the owner of a workflow, else to the addresses of the settings."""

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from django.core.mail import EmailMessage

import stripeflow.actions.conf
from stripeflow.actions.people import email_of
from stripeflow.actions.visible import single_line
from stripeflow.triggers.redaction import redacted
from stripeflow.workflows import conf, lending, permissions
from stripeflow.workflows.models import Run, Workflow

logger = logging.getLogger(__name__)

# One e-mail for each version and error code in that time.
EVERY = timedelta(days=1)
# An e-mail that could not be sent is sent with the next failure after that time.
AGAIN_AFTER = timedelta(minutes=10)


def send(workflow: Workflow, subject: str, text: str, *, run: Run | None = None) -> None:
    """Send one e-mail to the owner of a workflow; where there is none, to the addresses of the settings."""
    send_to(_recipients(workflow), workflow, subject, text, run=run)


def send_to(
    recipients: list[str], workflow: Workflow, subject: str, text: str, *, run: Run | None = None
) -> None:
    """Send one e-mail about a workflow, or about a run of it, to these addresses."""
    facts = {"workflow": workflow.pk, "run": str(run.pk) if run else ""}
    send_about(
        recipients, subject, text, facts=facts, headers={"X-StripeFlow-Run": str(run.pk)} if run else {}
    )


def send_about(
    recipients: list[str],
    subject: str,
    text: str,
    *,
    facts: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> None:
    """Send one e-mail to these addresses; `facts` say in the log what it is about."""
    facts = {**(facts or {}), "recipients": len(recipients)}
    if not recipients:
        logger.warning("workflows.alert.nobody_to_tell", extra=facts)
        return
    prefix = stripeflow.actions.conf.get("EMAIL_SUBJECT_PREFIX")
    # A name may hold line breaks, which a header may not.
    line = " ".join(redacted(f"{prefix}{subject}").split())
    mail = EmailMessage(line, redacted(text), to=recipients, headers=headers)
    with lending.calling():
        mail.send()
    logger.info("workflows.alert.sent", extra=facts)


def _recipients(workflow: Workflow) -> list[str]:
    """The owner's address; where there is none, those of the settings."""
    address = _owner_address(workflow)
    return [address] if address else list(conf.get("ALERT_RECIPIENTS"))


def may_see_values(workflow: Workflow) -> bool:
    """Whether the receiver may see payloads. An address of the settings may not: its reader is unknown."""
    return bool(_owner_address(workflow)) and permissions.may_see_payloads(workflow.owner)


def _owner_address(workflow: Workflow) -> str:
    owner = workflow.owner
    return email_of(owner) if owner is not None and owner.is_active else ""


def as_text(lines: list[str]) -> str:
    """Each in one line, so that no text can look like another one."""
    return "\n".join(single_line(line) for line in lines if line) + "\n"


def absolute(path: str) -> str:
    """The address of a page for an e-mail, or ""."""
    return urljoin(conf.get("BASE_URL").rstrip("/") + "/", path) if path else ""
