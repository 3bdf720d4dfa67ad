"""Trials that end soon, with nothing to pay from."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate

_CUSTOMER = "steps.retrieve_customer"


def build(values: Mapping[str, Any]) -> Json:
    own = (
        parts.condition("trigger.default_payment_method", "is_empty"),
        parts.condition("trigger.default_source", "is_empty"),
    )
    # Of a deleted customer these are unknown, and nobody is written to.
    of_the_customer = parts.all_of(
        parts.condition(f"{_CUSTOMER}.invoice_settings.default_payment_method", "is_empty"),
        parts.condition(f"{_CUSTOMER}.default_source", "is_empty"),
    )
    return {
        "trigger": parts.starts_on("customer.subscription.trial_will_end", *own),
        "steps": [
            parts.action(
                "retrieve_customer",
                _("Retrieve the customer"),
                "stripe.customers.retrieve",
                customer="{{ trigger.customer }}",
            ),
            parts.branch(
                "has_no_card",
                _("Is there nothing to pay from?"),
                parts.lane("nothing", _mail(values), conditions=of_the_customer),
                parts.otherwise(),
                if_undecided="otherwise",
            ),
        ],
    }


def _mail(values: Mapping[str, Any]) -> Json:
    return parts.email(
        "email_team",
        _("Ask for an e-mail to the customer"),
        values["recipients"],
        str(_("A trial ends soon, without a payment method")),
        _("Please ask the customer to add a payment method before the trial ends."),
        (_("ID of the subscription"), "{{ trigger.id }}"),
        (_("Trial ends"), parts.shown("trigger.trial_end", "date")),
        (_("Customer"), parts.shown(f"{_CUSTOMER}.name")),
        (_("Customer's e-mail"), parts.shown(f"{_CUSTOMER}.email")),
    )


TEMPLATE = WorkflowTemplate(
    key="trial_without_card",
    name=_("Trials that end without a card"),
    description=_(
        "Three days before a trial ends, have the team write to the customer if neither the subscription nor "
        "the customer has a payment method."
    ),
    why=_("A customer who would have stayed is not lost for want of a card."),
    goal=Goal.KEEP,
    parameters=(parts.RECIPIENTS,),
    build=build,
)
