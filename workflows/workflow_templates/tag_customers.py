from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate
from stripeflow.workflows.workflow_templates.parts import (
    RECIPIENTS,
    amount_test,
    large_payment,
    thank_you_email,
    threshold,
)


def build(values: Mapping[str, Any]) -> Json:
    return {
        "trigger": large_payment(values),
        "steps": [thank_you_email(values), _is_valuable(values)],
    }


def _is_valuable(values: Mapping[str, Any]) -> Json:
    return {
        "key": "is_valuable",
        "type": "branch",
        "name": str(_("Is it a valuable customer?")),
        "branches": [
            {
                "key": "valuable",
                "name": "",
                "conditions": _paid_by_a_customer(values),
                "steps": [_tag()],
            },
            {"key": "otherwise", "name": "", "otherwise": True, "steps": []},
        ],
    }


def _paid_by_a_customer(values: Mapping[str, Any]) -> Json:
    """A guest has no customer to tag, however large the payment is."""
    group = amount_test("trigger.amount", "greater_than", values["valuable"])
    group["conditions"].append({"field": "trigger.customer", "operator": "is_not_empty", "value": None})
    return group


def _tag() -> Json:
    return {
        "key": "tag_customer",
        "type": "action",
        "name": str(_("Tag the customer as VIP")),
        "action": "stripe.customers.update",
        "on_error": "stop",
        "inputs": {
            "customer": "{{ trigger.customer }}",
            "metadata": [{"key": "Tier", "value": "VIP"}],
        },
    }


TEMPLATE = WorkflowTemplate(
    key="tag_customers",
    name=_("Tag valuable customers"),
    description=_(
        "As “Personalize orders”, and very large payments also tag the customer as VIP, unless it is a guest."
    ),
    why=_("Customers who spend more than 2,000 US dollars at once are worth knowing by name."),
    goal=Goal.KEEP,
    parameters=(
        threshold("minimum", _("Payments above"), 1000),
        threshold("valuable", _("Tag customers who pay more than"), 2000),
        RECIPIENTS,
    ),
    build=build,
)
