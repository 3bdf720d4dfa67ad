"""A tag by what a customer has paid in all."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate

_MOST = 100


def build(values: Mapping[str, Any]) -> Json:
    by_customer = parts.condition("trigger.customer", "is_not_empty")
    valuable = parts.all_of(parts.condition("steps.paid.sum", "greater_than", dict(values["valuable"])))
    loop = {
        "list": "{{ steps.list_charges.data }}",
        "pages": "first",
        "if_item_fails": "stop",
        "max_items": _MOST,
        "at_limit": "take_first",
        "sum_of": "amount_captured",
    }
    tag = parts.action(
        "tag_customer",
        _("Tag the customer as VIP"),
        "stripe.customers.update",
        customer="{{ trigger.customer }}",
        metadata=[{"key": "Tier", "value": "VIP"}],
    )
    return {
        "trigger": parts.starts_on("payment_intent.succeeded", by_customer),
        "steps": [
            parts.action(
                "list_charges",
                _("List the customer's charges"),
                "stripe.charges.list",
                customer="{{ trigger.customer }}",
                limit=_MOST,
            ),
            parts.block(
                "loop",
                "paid",
                _("Add up what was paid"),
                parts.lane("body", parts.note("charge", "{{ item.id }}")),
                inputs=loop,
            ),
            parts.branch(
                "is_valuable",
                _("Is it a valuable customer?"),
                parts.lane("valuable", tag, conditions=valuable),
                parts.otherwise(),
                if_undecided="otherwise",
            ),
        ],
    }


TEMPLATE = WorkflowTemplate(
    key="lifetime_value",
    name=_("Tag customers by what they have paid in all"),
    description=_(
        "Add up the newest 100 charges of the customer with each payment, and tag the customer as VIP above "
        "an amount. Refunds are not taken off; a customer who pays in several currencies is not tagged."
    ),
    why=_("The best customers are often those who buy a little each month."),
    goal=Goal.KEEP,
    parameters=(parts.threshold("valuable", _("Tag customers who have paid more than"), 2000),),
    build=build,
)
