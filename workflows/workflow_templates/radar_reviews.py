"""Payments that Radar sets aside for a person."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate

_CHARGE = "steps.retrieve_charge"
_AMOUNT = parts.shown(f"{_CHARGE}.amount", "money")


def build(values: Mapping[str, Any]) -> Json:
    has_charge = parts.all_of(parts.condition("trigger.charge", "is_not_empty"))
    return {
        "trigger": parts.starts_on(
            "review.opened", cancel_when=[{"event": "review.closed", "same_as": "charge"}]
        ),
        "steps": [
            parts.branch(
                "has_charge",
                _("Is there a charge?"),
                parts.lane("charge", *_decide(values), conditions=has_charge),
                parts.otherwise(_by_hand(values)),
            )
        ],
    }


def _decide(values: Mapping[str, Any]) -> tuple[Json, ...]:
    return (
        parts.action(
            "retrieve_charge",
            _("Retrieve the charge"),
            "stripe.charges.retrieve",
            charge="{{ trigger.charge }}",
        ),
        parts.approval(
            "ask",
            _("Ask whether the payment is good"),
            _facts(
                _(
                    "Is the payment of %(amount)s by %(customer)s good? If you decline, you are asked about "
                    "a refund."
                )
            ),
            values,
            declined=_refund(values),
            timed_out=(_late("tell_late", values),),
        ),
        parts.action(
            "approve_review", _("Approve the review"), "stripe.reviews.approve", review="{{ trigger.id }}"
        ),
    )


def _facts(question: Any) -> str:
    facts = (
        (_("Radar's reason"), parts.shown("trigger.reason")),
        (_("Risk"), parts.shown(f"{_CHARGE}.outcome.risk_level")),
        (_("Card's country"), parts.shown(f"{_CHARGE}.payment_method_details.card.country")),
        (_("Customer's country"), parts.shown(f"{_CHARGE}.billing_details.address.country")),
    )
    asked = str(question) % {"amount": _AMOUNT, "customer": parts.shown(f"{_CHARGE}.billing_details.email")}
    return "\n".join([asked, *(f"{label}: {value}" for label, value in facts)])


def _refund(values: Mapping[str, Any]) -> tuple[Json, ...]:
    """People see the refund itself before it is made."""
    return (
        parts.approval(
            "ask_refund",
            _("Ask whether to refund"),
            str(_("Refund the %s? If you decline, the review stays open.")) % _AMOUNT,
            values,
            timed_out=(_late("tell_refund_late", values),),
        ),
        parts.action(
            "refund_charge",
            _("Refund the charge"),
            "stripe.refunds.create",
            charge="{{ %s.id }}" % _CHARGE,
            amount="{{ %s.amount }}" % _CHARGE,
            currency="{{ %s.currency }}" % _CHARGE,
            or_rest=True,
            reason="fraudulent",
        ),
    )


def _late(key: str, values: Mapping[str, Any]) -> Json:
    return parts.email(
        key,
        _("Tell the team that nobody has decided"),
        values["recipients"],
        str(_("Nobody has decided on the review of %s")) % _AMOUNT,
        _("The review is still open. Look at it in Stripe."),
        (_("ID of the review"), "{{ trigger.id }}"),
        (_("Charge ID"), "{{ %s.id }}" % _CHARGE),
    )


def _by_hand(values: Mapping[str, Any]) -> Json:
    return parts.email(
        "email_team",
        _("Ask the team to look at it"),
        values["recipients"],
        str(_("A payment is in review")),
        _("It has no charge yet. Look at the review in Stripe."),
        (_("ID of the review"), "{{ trigger.id }}"),
        (_("Reason"), parts.shown("trigger.reason")),
    )


TEMPLATE = WorkflowTemplate(
    key="radar_reviews",
    name=_("Decide on Radar's reviews"),
    description=_(
        "Ask somebody whether a payment in review is good, with the facts of its charge. If it is, the "
        "review is approved; if not, a refund is offered for approval."
    ),
    why=_("A fraud that is refunded before the dispute costs no fee, and good customers do not wait."),
    goal=Goal.PREVENT,
    parameters=(parts.APPROVERS, parts.RECIPIENTS),
    build=build,
)
