"""Invoices that customers pay by themselves, and have not paid."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate


def build(values: Mapping[str, Any]) -> Json:
    large = parts.condition("trigger.amount_remaining", "greater_than", dict(values["minimum"]))
    return {
        "trigger": parts.starts_on("invoice.overdue", large),
        "steps": [
            _mail(
                "email_team",
                _("Tell the team"),
                values["recipients"],
                str(_("An invoice over %s is overdue")) % _amount("trigger"),
                _("The customer has not paid in time. Ask them, or send the invoice once more."),
                "trigger",
            ),
            _wait(values),
        ],
    }


def _wait(values: Mapping[str, Any]) -> Json:
    """Until the invoice is settled; if it is not, those who take over hear of it."""
    inputs: Json = {"amount": values["days"], "unit": "days"}
    for number, event in enumerate(parts.SETTLED, 1):
        ending = "" if number == 1 else f"_{number}"
        inputs |= {f"event{ending}": event, f"same_as{ending}": "invoice"}
    lanes = (
        parts.lane("event", parts.note("paid", _("The invoice was paid."))),
        parts.lane("event_2", parts.note("voided", _("The invoice was voided."))),
        parts.lane("event_3", parts.note("written_off", _("The invoice was marked as uncollectible."))),
    )
    return parts.block(
        "wait_for_event",
        "wait_for_payment",
        _("Wait for the payment"),
        *lanes,
        parts.otherwise(*_escalate(values), key="timeout"),
        inputs=inputs,
    )


def _escalate(values: Mapping[str, Any]) -> tuple[Json, ...]:
    still_open = parts.condition("steps.retrieve_invoice.status", "equal", "open")
    mail = _mail(
        "escalate",
        _("Tell those who take over"),
        values["escalation"],
        str(_("Still not paid: an invoice over %s")) % _amount("steps.retrieve_invoice"),
        _("The team was told of this invoice, and it has not been paid since. Decide what happens next."),
        "steps.retrieve_invoice",
    )
    return (
        parts.action(
            "retrieve_invoice",
            _("Look at the invoice again"),
            "stripe.invoices.retrieve",
            invoice="{{ trigger.id }}",
        ),
        parts.branch(
            "is_open",
            _("Is it still open?"),
            parts.lane("open", mail, conditions=parts.all_of(still_open)),
            parts.otherwise(),
        ),
    )


def _amount(invoice: str) -> str:
    return parts.shown(f"{invoice}.amount_remaining", "money")


def _mail(key: str, name: Any, to: Any, subject: str, body: Any, invoice: str) -> Json:
    return parts.email(
        key,
        name,
        to,
        subject,
        body,
        (_("ID of the invoice"), "{{ %s.id }}" % invoice),
        (_("Number"), parts.shown(f"{invoice}.number")),
        (_("Amount"), _amount(invoice)),
        (_("Due on"), parts.shown(f"{invoice}.due_date", "date")),
        (_("Customer"), parts.shown(f"{invoice}.customer_name")),
        (_("Customer's e-mail"), parts.shown(f"{invoice}.customer_email")),
        (_("Link to pay"), parts.shown(f"{invoice}.hosted_invoice_url")),
    )


TEMPLATE = WorkflowTemplate(
    key="overdue_invoices",
    name=_("Follow up overdue invoices"),
    description=_(
        "Tell the team of each invoice that is overdue. If it is still open some days later, tell those who "
        "take over."
    ),
    why=_("Somebody asks for the money while it can still be had, and no invoice is forgotten."),
    goal=Goal.RECOVER,
    parameters=(
        parts.threshold("minimum", _("Invoices above"), 100),
        parts.RECIPIENTS,
        parts.days("days", _("Days until others take over"), 7),
        parts.team_members("escalation", _("Who takes over")),
    ),
    build=build,
)
