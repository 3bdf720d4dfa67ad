"""Update a customer."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.actions import caused_events, stripe_client
from stripeflow.actions.base import Action, Outputs, Repeat
from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import InvalidInput, PermanentError
from stripeflow.actions.inputs import (
    ChoiceInput,
    IdInput,
    IntegerInput,
    MetadataInput,
    StringInput,
    TextInput,
)
from stripeflow.actions.look_up import Found, LookedUp, NotFound, Unclear
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import HIDDEN, Worded, worded

TAX_EXEMPT = (("none", _("None")), ("exempt", _("Exempt")), ("reverse", _("Reverse charge")))


class UpdateCustomer(Action):
    """Sets values, so that a repeat with another key changes nothing more than the first call did.

    If somebody changed the customer in between, Stripe's events tell whether the first call took effect.
    Without such an event the repeat sets the step's values once more.
    """

    key = "stripe.customers.update"
    label = _("Update a customer")
    description = _("Change fields and metadata of a customer. What is left empty stays as it is.")
    category = _("Customers")
    icon = "customer"
    repeat = Repeat.KEYED
    moves_money = False
    destructive = False
    changes_customers = True
    uses_account = True
    inputs: ClassVar = (
        IdInput("customer", label=_("Customer ID"), required=True, of="customer"),
        MetadataInput(
            "metadata",
            label=_("Metadata"),
            help_text=_("Other keys of the customer stay. An empty value removes the key."),
        ),
        StringInput("name", label=_("Name"), advanced=True, max_length=256),
        StringInput("email", label=_("E-mail"), advanced=True, max_length=512, format="email"),
        StringInput("phone", label=_("Phone"), advanced=True, max_length=20),
        TextInput("description", label=_("Description"), advanced=True, max_length=350),
        StringInput("business_name", label=_("Business name"), advanced=True, max_length=150),
        StringInput("individual_name", label=_("Individual name"), advanced=True, max_length=150),
        ChoiceInput("tax_exempt", label=_("Tax exemption"), advanced=True, choices=TAX_EXEMPT),
        IdInput("default_source", label=_("Default payment source ID"), advanced=True, of="source"),
        StringInput(
            "invoice_prefix",
            label=_("Invoice prefix"),
            advanced=True,
            max_length=12,
            help_text=_("3 to 12 upper-case letters or digits."),
        ),
        IntegerInput("next_invoice_sequence", label=_("Next invoice number"), advanced=True, minimum=1),
    )
    outputs = Outputs(object="customer")

    def check_together(self, inputs: Mapping[str, Any]) -> list[Problem]:
        if any(not field.is_empty(inputs.get(field.name)) for field in self.inputs[1:]):
            return []
        message = _now("There is nothing to change: fill in the metadata or another field.")
        return [Problem("metadata", "nothing_to_update", message)]

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        parameters = self.parameters(inputs)
        if not parameters:
            raise InvalidInput(
                "metadata", worded(_now("There is nothing to change: every field is empty in this run."))
            )
        return stripe_client.call(
            context,
            lambda client: client.v1.customers.update(
                inputs["customer"], cast(Any, parameters), stripe_client.keyed(context)
            ),
            writes=True,
        )

    def look_up(self, inputs: Mapping[str, Any], context: ActionContext) -> LookedUp:
        try:
            customer = stripe_client.call(
                context, lambda client: client.v1.customers.retrieve(inputs["customer"]), writes=False
            )
        except PermanentError as error:
            if error.code != stripe_client.NOT_FOUND:
                raise
            # Stripe keeps deleted customers, so there never was one, and no call can have changed it.
            return NotFound()
        if customer.get("deleted"):
            message = _now("The customer %s was deleted meanwhile.")
            return Unclear(Worded(message % inputs["customer"], message % HIDDEN))
        wanted = self.parameters(inputs)
        if _has(customer, wanted) or caused_events.has_caused("customer.updated", context):
            return Found(customer)
        if "next_invoice_sequence" in wanted:
            # Set again, it could reuse the number of an invoice that was created meanwhile.
            return Unclear(worded(_now("The customer's next invoice number may have moved on meanwhile.")))
        return NotFound()

    def parameters(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is sent; empty fields are not."""
        given = {
            name: inputs[name] for name in self.input_names[2:] if not self.input(name).is_empty(inputs[name])
        }
        metadata = {row["key"]: row["value"] for row in inputs["metadata"]}
        return {**given, "metadata": metadata} if metadata else given


def _has(customer: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether the customer has all of these values. An empty metadata value means that the key is deleted."""
    values = {name: value for name, value in wanted.items() if name != "metadata"}
    metadata = customer.get("metadata") or {}
    return all(customer.get(name) == value for name, value in values.items()) and all(
        metadata.get(key, "") == value for key, value in wanted.get("metadata", {}).items()
    )
