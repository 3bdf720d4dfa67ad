"""Checkouts that were begun and not finished, with consent."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate

_EMAIL = "trigger.customer_details.email"


def build(values: Mapping[str, Any]) -> Json:
    conditions = (
        parts.condition("trigger.after_expiration.recovery.url", "is_not_empty"),
        parts.condition("trigger.consent.promotions", "equal", "opt_in"),
        parts.condition(_EMAIL, "is_not_empty"),
    )
    return {
        "trigger": parts.starts_on("checkout.session.expired", *conditions),
        "steps": [
            parts.block(
                "once",
                "once_per_customer",
                _("Once per customer"),
                parts.lane("first", _mail(values)),
                parts.lane("again", parts.note("not_again", _("The customer was written to before."))),
                inputs={"key": "{{ %s | lower }}" % _EMAIL, "amount": values["days"], "unit": "days"},
            )
        ],
    }


def _mail(values: Mapping[str, Any]) -> Json:
    return parts.email(
        "email_team",
        _("Ask for an e-mail to the customer"),
        values["recipients"],
        str(_("A checkout of %s was not finished")) % parts.shown("trigger.amount_total", "money"),
        _("Please write to the customer, with the link. They have agreed to such e-mails."),
        (_("Customer"), parts.shown("trigger.customer_details.name")),
        (_("Customer's e-mail"), "{{ %s }}" % _EMAIL),
        (_("Amount"), parts.shown("trigger.amount_total", "money")),
        (_("Link to finish it"), "{{ trigger.after_expiration.recovery.url }}"),
    )


TEMPLATE = WorkflowTemplate(
    key="abandoned_checkouts",
    name=_("Abandoned checkouts"),
    description=_(
        "If a checkout expires, have the team send the customer its recovery link: only with consent, and "
        "at most once in some days."
    ),
    why=_("Some only closed the window too soon."),
    goal=Goal.RECOVER,
    parameters=(parts.days("days", _("At most once in so many days"), 7), parts.RECIPIENTS),
    build=build,
)
