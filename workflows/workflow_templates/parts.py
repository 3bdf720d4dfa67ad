"""Pieces that several templates share."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.actions.wording import Text
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.workflow_templates.base import Parameter

Money = dict[str, Any]

RECIPIENTS = Parameter(
    name="recipients",
    label=_("Who gets the e-mail"),
    kind="team_members",
    help_text=_("One or more team members."),
    default=(),
)


def threshold(name: str, label: Text, major: int) -> Parameter:
    """An amount of money, preset in US dollars."""
    return Parameter(name=name, label=label, kind="money", default={"amount": major * 100, "currency": "usd"})


def amount_test(field: str, operator: str, value: Money) -> Json:
    """A group of one condition: `field` compared with an amount of one currency."""
    test = {"field": field, "operator": operator, "value": dict(value)}
    return {"match": "all", "conditions": [test]}


def large_payment(values: Mapping[str, Any]) -> Json:
    """The trigger: a payment above the parameter `minimum`."""
    return {
        "type": "stripe_event",
        "event_type": "payment_intent.succeeded",
        "conditions": amount_test("trigger.amount", "greater_than", values["minimum"]),
    }


def thank_you_email(values: Mapping[str, Any]) -> Json:
    """The step that asks a team member for a handwritten note."""
    return {
        "key": "email_team",
        "type": "action",
        "name": str(_("Ask for a thank-you note")),
        "action": "email.team_member",
        "on_error": "stop",
        "inputs": {
            "to": list(values["recipients"]),
            "subject": str(_("A large order: add a thank-you note")),
            "body": str(_("Please add a handwritten thank-you note to this order before it is shipped.")),
            "append": [
                {
                    "label": str(_("Customer ID")),
                    "value": '{{ trigger.customer | default("%s") }}' % _("none (a guest)"),
                },
                {"label": str(_("Amount")), "value": "{{ trigger.amount | money }}"},
            ],
        },
    }
