"""Retrieve a charge."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from stripeflow.actions import stripe_client
from stripeflow.actions.base import Action, Outputs, Repeat
from stripeflow.actions.context import ActionContext
from stripeflow.actions.inputs import IdInput


class RetrieveCharge(Action):
    key = "stripe.charges.retrieve"
    label = _("Retrieve a charge")
    description = _("Look up a charge, so that the steps after this one can use its fields.")
    category = _("Charges")
    icon = "charge"
    repeat = Repeat.SAFE
    moves_money = False
    destructive = False
    changes_customers = False
    uses_account = True
    sent_inputs = frozenset()
    inputs: ClassVar = (
        IdInput(
            "charge", label=_("Charge ID"), required=True, of="charge", help_text=_("The charge to look up.")
        ),
    )
    outputs = Outputs(object="charge")

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        charge = inputs["charge"]
        return stripe_client.call(context, lambda client: client.v1.charges.retrieve(charge), writes=False)
