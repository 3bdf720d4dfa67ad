"""A dispute, and its deadline."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate

_DUE = "trigger.evidence_details.due_by"
_UNANSWERED = ["needs_response", "warning_needs_response"]


def build(values: Mapping[str, Any]) -> Json:
    return {
        "trigger": parts.starts_on("charge.dispute.created"),
        "steps": [
            # The team hears of the dispute, whatever becomes of this.
            parts.action(
                "retrieve_charge",
                _("Retrieve the charge"),
                "stripe.charges.retrieve",
                on_error="continue",
                charge="{{ trigger.charge }}",
            ),
            _tell(values),
            parts.branch(
                "has_deadline",
                _("Is there a deadline?"),
                parts.lane(
                    "deadline",
                    *_remind(values),
                    conditions=parts.all_of(parts.condition(_DUE, "is_not_empty")),
                ),
                parts.otherwise(),
            ),
        ],
    }


def _facts() -> tuple[tuple[Any, str], ...]:
    return (
        (_("ID of the dispute"), "{{ trigger.id }}"),
        (_("Amount"), parts.shown("trigger.amount", "money")),
        (_("Reason"), parts.shown("trigger.reason")),
        (_("Answer by"), parts.shown(_DUE, "date")),
        (_("Charge ID"), parts.shown("trigger.charge")),
        (_("Customer's e-mail"), parts.shown("steps.retrieve_charge.billing_details.email")),
    )


def _tell(values: Mapping[str, Any]) -> Json:
    return parts.email(
        "email_team",
        _("Tell the team"),
        values["recipients"],
        str(_("Dispute over %s")) % parts.shown("trigger.amount", "money"),
        _(
            "A customer disputes a payment. Collect the evidence, and submit it in Stripe before the "
            "deadline. An inquiry may still be settled by a refund."
        ),
        *_facts(),
    )


def _remind(values: Mapping[str, Any]) -> tuple[Json, ...]:
    open_still = parts.condition("steps.retrieve_dispute.status", "is_one_of", _UNANSWERED)
    reminder = parts.email(
        "remind_team",
        _("Remind the team"),
        values["recipients"],
        str(_("Nobody has answered the dispute over %s yet")) % parts.shown("trigger.amount", "money"),
        _("Without evidence the dispute is lost at its deadline."),
        *_facts(),
    )
    return (
        {
            "key": "before_deadline",
            "type": "wait_until",
            "name": "",
            "inputs": {
                "date": "{{ %s }}" % _DUE,
                "offset": values["days_before"],
                "offset_unit": "days",
                "direction": "before",
                "if_past": "go_on",
            },
            "branches": [parts.lane("past")],
        },
        parts.action(
            "retrieve_dispute",
            _("Look at the dispute again"),
            "stripe.disputes.retrieve",
            dispute="{{ trigger.id }}",
        ),
        parts.branch(
            "is_unanswered",
            _("Does it still need a response?"),
            parts.lane("unanswered", reminder, conditions=parts.all_of(open_still)),
            parts.otherwise(),
        ),
    )


TEMPLATE = WorkflowTemplate(
    key="dispute_deadline",
    name=_("Answer disputes in time"),
    description=_(
        "Tell the team of each dispute, and remind them before its deadline if nobody has answered."
    ),
    why=_("A dispute that nobody answers is lost, together with the fee."),
    goal=Goal.PREVENT,
    parameters=(parts.days("days_before", _("Days before the deadline"), 2), parts.RECIPIENTS),
    build=build,
)
