from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates.base import Parameter, WorkflowTemplate
from stripeflow.workflows.workflow_templates.parts import RECIPIENTS, amount_test

_AMOUNT = "steps.retrieve_charge.amount"


def build(values: Mapping[str, Any]) -> Json:
    return {
        "trigger": {
            "type": "stripe_event",
            "event_type": "radar.early_fraud_warning.created",
            "conditions": {"match": "all", "conditions": []},
        },
        "steps": [_retrieve(), _is_small(values)],
    }


def _retrieve() -> Json:
    return {
        "key": "retrieve_charge",
        "type": "action",
        "name": str(_("Retrieve the charge")),
        "action": "stripe.charges.retrieve",
        "on_error": "stop",
        "inputs": {"charge": "{{ trigger.charge }}"},
    }


def _is_small(values: Mapping[str, Any]) -> Json:
    return {
        "key": "is_small",
        "type": "branch",
        "name": str(_("Is it less than the dispute fee?")),
        "branches": [
            {
                "key": "small",
                "name": "",
                "conditions": amount_test(_AMOUNT, "less_than", values["dispute_fee"]),
                "steps": [_refund(values)],
            },
            {"key": "otherwise", "name": "", "otherwise": True, "steps": [_investigate(values)]},
        ],
    }


def _refund(values: Mapping[str, Any]) -> Json:
    return {
        "key": "refund_charge",
        "type": "action",
        "name": str(_("Refund the charge")),
        "action": "stripe.refunds.create",
        "on_error": "stop",
        "inputs": {
            "charge": "{{ steps.retrieve_charge.id }}",
            "amount": "{{ %s }}" % _AMOUNT,
            "or_rest": True,
            "max_amount": dict(values["dispute_fee"]),
        },
    }


def _investigate(values: Mapping[str, Any]) -> Json:
    return {
        "key": "email_team",
        "type": "action",
        "name": str(_("Ask a team member to investigate")),
        "action": "email.team_member",
        "on_error": "stop",
        "inputs": {
            "to": list(values["recipients"]),
            "subject": str(_("Early fraud warning: please investigate")),
            "body": str(_("The card's issuer suspects fraud on this charge. Please look into it.")),
            "append": [
                {"label": str(_("Charge ID")), "value": "{{ steps.retrieve_charge.id }}"},
                {"label": str(_("Amount")), "value": "{{ %s | money }}" % _AMOUNT},
            ],
        },
    }


TEMPLATE = WorkflowTemplate(
    key="fraud_warnings",
    name=_("Take action based on fraud warnings"),
    description=_("Refund small charges that are suspected of fraud; have a team member look at the others."),
    why=_(
        "An early fraud warning comes before a formal dispute. Refunding a charge that is smaller than the "
        "dispute fee saves the fee and keeps the dispute rate low."
    ),
    goal=Goal.PREVENT,
    parameters=(
        Parameter(
            name="dispute_fee",
            label=_("Dispute fee: refund charges below"),
            kind="money",
            help_text=_("What your bank's dispute would cost you; 15 US dollars for a business in the US."),
            default={"amount": 1500, "currency": "usd"},
        ),
        RECIPIENTS,
    ),
    build=build,
)
