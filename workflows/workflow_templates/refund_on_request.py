"""A refund that somebody asks for, and somebody else approves."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate

_AMOUNT = "{{ trigger.amount | money(trigger.amount_currency) }}"


def build(values: Mapping[str, Any]) -> Json:
    return {
        "trigger": {"type": "on_demand", "asks_for": _asks_for(), "conditions": parts.all_of()},
        "steps": [
            parts.action(
                "retrieve_charge",
                _("Retrieve the charge"),
                "stripe.charges.retrieve",
                charge="{{ trigger.charge }}",
            ),
            _ask_above(values),
            parts.action(
                "refund_charge",
                _("Refund the charge"),
                "stripe.refunds.create",
                charge="{{ steps.retrieve_charge.id }}",
                amount="{{ trigger.amount }}",
                currency="{{ trigger.amount_currency }}",
                reason="requested_by_customer",
            ),
            _mail(
                "email_team",
                _("Tell the team"),
                values,
                str(_("Refunded: %s")) % _AMOUNT,
                _("The money is on its way. Write to the customer."),
                (_("ID of the refund"), "{{ steps.refund_charge.id }}"),
            ),
        ],
    }


def _asks_for() -> list[Json]:
    return [
        {
            "name": "charge",
            "kind": "stripe_id",
            "of": "charge",
            "label": str(_("Charge")),
            "required": True,
        },
        {"name": "amount", "kind": "amount", "label": str(_("Amount")), "required": True},
        {"name": "reason", "kind": "long_text", "label": str(_("Reason")), "required": False},
    ]


def _ask_above(values: Mapping[str, Any]) -> Json:
    """An amount in another currency cannot be compared, so it is asked about."""
    limit = dict(values["without_asking"])
    small = parts.all_of(parts.condition("trigger.amount", "less_or_equal", limit))
    declined = _mail(
        "tell_declined",
        _("Tell the team that it was declined"),
        values,
        str(_("Not refunded: %s")) % _AMOUNT,
        _("The refund was declined. Write to the customer."),
    )
    late = _mail(
        "tell_late",
        _("Tell the team that nobody has decided"),
        values,
        str(_("Not refunded: %s")) % _AMOUNT,
        _("Nobody has decided on the refund in time. Ask for it once more if it is still wanted."),
    )
    question = str(_("Refund %(amount)s of the charge of %(whole)s to %(customer)s? %(reason)s")) % {
        "amount": _AMOUNT,
        "whole": parts.shown("steps.retrieve_charge.amount", "money"),
        "customer": parts.shown("steps.retrieve_charge.billing_details.email"),
        "reason": '{{ trigger.reason | default("") }}',
    }
    ask = parts.approval(
        "ask", _("Ask for approval"), question, values, declined=(declined,), timed_out=(late,)
    )
    return parts.branch(
        "is_small",
        _("Is it small enough to refund without asking?"),
        parts.lane(
            "small", parts.note("not_asked", _("Nobody has to be asked about this amount.")), conditions=small
        ),
        parts.otherwise(ask),
        if_undecided="otherwise",
    )


def _mail(
    key: str, name: Any, values: Mapping[str, Any], subject: str, body: Any, *rows: tuple[Any, str]
) -> Json:
    return parts.email(
        key,
        name,
        values["recipients"],
        subject,
        body,
        *rows,
        (_("Charge ID"), "{{ trigger.charge }}"),
        (_("Amount"), _AMOUNT),
        (_("Customer's e-mail"), parts.shown("steps.retrieve_charge.billing_details.email")),
        (_("Reason"), parts.shown("trigger.reason")),
    )


TEMPLATE = WorkflowTemplate(
    key="refund_on_request",
    name=_("Refund on request"),
    description=_(
        "The team asks for a refund by a form. A small one is made at once, a larger one after an approval; "
        "then the team hears of it, with the customer's address."
    ),
    why=_("People who talk to customers can refund, and nobody refunds much alone."),
    goal=Goal.KEEP,
    parameters=(
        parts.threshold("without_asking", _("Refund without asking up to"), 50),
        parts.APPROVERS,
        parts.RECIPIENTS,
    ),
    build=build,
)
