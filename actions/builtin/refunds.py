"""Create a refund."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, cast

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from stripe import StripeClient, StripeObject

from stripeflow.actions import conf, stripe_client
from stripeflow.actions.base import Action, OutputField, Outputs, Repeat
from stripeflow.actions.builtin.refund_limits import (
    NotOurs,
    RefundRequest,
    check_cap,
    check_charge,
    note_on,
    own_refund,
    takes_rest,
    undone_refund,
)
from stripeflow.actions.context import RESERVED_METADATA_KEYS, ActionContext
from stripeflow.actions.errors import InvalidInput, PermanentError
from stripeflow.actions.inputs import (
    BooleanInput,
    ChoiceInput,
    IdInput,
    MetadataInput,
    MoneyInput,
    StringInput,
)
from stripeflow.actions.look_up import Found, LookedUp, NotFound, Unclear
from stripeflow.actions.problems import Problem
from stripeflow.actions.stripe_pages import Pages
from stripeflow.actions.wording import worded

REASONS = (
    ("duplicate", _("Duplicate")),
    ("fraudulent", _("Fraudulent")),
    ("requested_by_customer", _("Requested by customer")),
)
PASSED_ON = (
    "charge",
    "payment_intent",
    "reason",
    "customer",
    "instructions_email",
    "origin",
    "refund_application_fee",
    "reverse_transfer",
)


class CreateRefund(Action):
    """Reads the charge, checks, and only then writes.

    If an earlier attempt took effect, a repeat finds that refund by its metadata and returns it. So the check
    never turns a refund that was created into a failed step, and an old key never creates a second one.
    """

    key = "stripe.refunds.create"
    label = _("Create a refund")
    description = _("Give money back: all that is left of a charge, or an amount. Never more than is left.")
    category = _("Refunds")
    icon = "refund"
    repeat = Repeat.KEYED
    uses_account = True
    moves_money = True
    destructive = False
    changes_customers = False
    sent_inputs = frozenset({"metadata", "instructions_email"})
    inputs: ClassVar = (
        IdInput(
            "charge",
            label=_("Charge ID"),
            of="charge",
            help_text=_("Or a payment intent, under “More fields”."),
        ),
        MoneyInput(
            "amount",
            label=_("Amount"),
            currency_input="currency",
            help_text=_("Leave empty to refund the full remaining amount."),
        ),
        BooleanInput(
            "or_rest",
            label=_("If less is left, refund that"),
            help_text=_("For a charge that was refunded in part before. Else the step fails."),
        ),
        MoneyInput(
            "max_amount",
            label=_("At most"),
            help_text=_("The step fails, and refunds nothing, if the refund would be more than this."),
        ),
        ChoiceInput("reason", label=_("Reason"), choices=REASONS),
        IdInput("payment_intent", label=_("Payment intent ID"), of="payment_intent", advanced=True),
        MetadataInput(
            "metadata", label=_("Metadata"), advanced=True, max_rows=50 - len(RESERVED_METADATA_KEYS)
        ),
        StringInput(
            "instructions_email",
            label=_("Instructions e-mail"),
            format="email",
            max_length=800,
            advanced=True,
            help_text=_(
                "Only for payment methods that cannot be refunded by themselves. Stripe refuses it for cards."
            ),
        ),
        StringInput(
            "currency",
            label=_("Currency"),
            max_length=3,
            advanced=True,
            help_text=_("For refunds from a customer's balance: three letters."),
        ),
        IdInput(
            "customer",
            label=_("Customer ID"),
            of="customer",
            advanced=True,
            help_text=_("For refunds from a customer's balance."),
        ),
        ChoiceInput(
            "origin", label=_("Origin"), choices=(("customer_balance", _("Customer balance")),), advanced=True
        ),
        BooleanInput("refund_application_fee", label=_("Refund the application fee"), advanced=True),
        BooleanInput("reverse_transfer", label=_("Reverse the transfer"), advanced=True),
    )
    outputs = Outputs(
        object="refund", fields=(OutputField("note", _("What had been refunded before"), "string"),)
    )

    def check_together(self, inputs: Mapping[str, Any]) -> list[Problem]:
        fault = self.source_fault(inputs)
        return [Problem("charge", "source", fault)] if fault else []

    def clean(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        cleaned = super().clean(inputs)
        if fault := self.source_fault(cleaned):
            raise InvalidInput("charge", fault)
        return cleaned

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        asked = self.asked(inputs)
        if inputs["charge"] or inputs["payment_intent"]:
            charge = _charge(inputs, context)
            earlier = _own_earlier_refund(charge, asked, context)
            if earlier is not None:
                counted = {name: earlier[name] for name in ("amount", "currency")}
                context.reserve(**counted, made_at=earlier["created"], customer=_customer(charge))
                return _noted(earlier)
            amount, parameters = check_charge(charge, asked), self.parameters(inputs, context)
            if takes_rest(charge, asked):
                # Stripe knows best what is left by now.
                parameters.pop("amount", None)
            context.reserve(amount=amount, currency=charge["currency"], customer=_customer(charge))
            return _noted(_create(parameters, context), note_on(charge, amount))
        _check_balance_refund(asked)
        context.reserve(amount=asked.amount, currency=asked.currency, customer=inputs["customer"])
        return _noted(_create(self.parameters(inputs, context), context))

    def moves(self, inputs: Mapping[str, Any]) -> tuple[int, str] | None:
        asked = self.asked(inputs)
        if asked.amount is None or not asked.currency:
            return None
        return asked.amount, asked.currency

    def look_up(self, inputs: Mapping[str, Any], context: ActionContext) -> LookedUp:
        if not (inputs["charge"] or inputs["payment_intent"]):
            message = _now("A refund from a customer's balance cannot be found by its metadata.")
            return Unclear(worded(message))
        charge = _charge(inputs, context)
        made = list(_refunds(charge["id"], context))
        try:
            found = own_refund(made, charge, self.asked(inputs), context)
        except NotOurs as error:
            return Unclear(error.message)
        if found is not None:
            return Found(_noted(found))
        if undone := undone_refund(made, context):
            message = _now("The refund %(id)s was made for this step, and is %(status)s now.")
            return Unclear(worded(message, id=undone["id"], status=undone["status"]))
        return NotFound()

    def source_fault(self, inputs: Mapping[str, Any]) -> str:
        """Return what is wrong with the source of the money, as a sentence, or ""."""
        if inputs.get("charge") or inputs.get("payment_intent"):
            return ""
        if inputs.get("origin") and inputs.get("customer") and inputs.get("amount"):
            return ""
        return worded(
            _now(
                "A refund needs a charge ID or a payment intent ID. One from a customer's balance needs "
                "the origin, the customer ID and the amount instead."
            )
        )

    def asked(self, inputs: Mapping[str, Any]) -> RefundRequest:
        """Return what the cleaned inputs ask for."""
        amount, cap = (cast(MoneyInput, self.input(name)) for name in ("amount", "max_amount"))
        return RefundRequest(
            amount=amount.amount_of(inputs),
            currency=amount.currency_of(inputs) or inputs["currency"],
            cap=cap.amount_of(inputs),
            cap_currency=cap.currency_of(inputs),
            or_rest=bool(inputs["or_rest"]),
        )

    def parameters(self, inputs: Mapping[str, Any], context: ActionContext) -> dict[str, Any]:
        """Return what is sent; empty fields are not.

        The currency is sent for a refund from a balance only: a charge has its own. Of a charge and its
        payment intent, one is enough.
        """
        asked = self.asked(inputs)
        given = {name: inputs[name] for name in PASSED_ON if inputs[name] is not None}
        if asked.amount is not None:
            given["amount"] = asked.amount
        if inputs["origin"] and asked.currency:
            given["currency"] = asked.currency.lower()
        if inputs["charge"]:
            given.pop("payment_intent", None)
        rows = {row["key"]: row["value"] for row in inputs["metadata"]}
        return {**given, "metadata": {**rows, **context.stripe_metadata}}


def _create(parameters: Mapping[str, Any], context: ActionContext) -> dict[str, Any]:
    return stripe_client.call(
        context,
        lambda client: client.v1.refunds.create(cast(Any, parameters), stripe_client.keyed(context)),
        writes=True,
    )


def _noted(refund: Mapping[str, Any], note: str = "") -> dict[str, Any]:
    return {**refund, "note": note}


def _charge(inputs: Mapping[str, Any], context: ActionContext) -> dict[str, Any]:
    """Return the charge to refund, as it is now. Raises PermanentError if there is none."""
    if inputs["charge"]:
        charge = _read(context, lambda client: client.v1.charges.retrieve(inputs["charge"]))
        if inputs["payment_intent"] not in (None, charge["payment_intent"]):
            message = _now("The charge %(charge)s does not belong to the payment intent %(payment)s.")
            reason = worded(message, charge=charge["id"], payment=inputs["payment_intent"])
            raise PermanentError(reason, code="payment_mismatch")
        return charge
    payment = _read(
        context,
        lambda client: client.v1.payment_intents.retrieve(
            inputs["payment_intent"], {"expand": ["latest_charge"]}
        ),
    )
    if not payment.get("latest_charge"):
        message = _now("The payment intent %(id)s has no charge to refund.")
        raise PermanentError(worded(message, id=payment["id"]), code="no_charge")
    return payment["latest_charge"]


def _customer(charge: Mapping[str, Any]) -> str:
    """Return whose charge it is, for the daily limit for one customer; "" for a guest's."""
    return charge.get("customer") or ""


def _own_earlier_refund(
    charge: Mapping[str, Any], asked: RefundRequest, context: ActionContext
) -> Mapping[str, Any] | None:
    """Return the refund an earlier attempt of this very step made, whose answer was lost; or None."""
    if not charge["amount_refunded"]:
        return None
    return own_refund(list(_refunds(charge["id"], context)), charge, asked, context)


def _refunds(charge: str, context: ActionContext) -> Iterator[dict[str, Any]]:
    for page in Pages(context).of(_list, {"charge": charge, "limit": 100}):
        yield from page["data"]


def _list(asked: Any, client: StripeClient) -> StripeObject:
    return client.v1.refunds.list(asked)


def _read(context: ActionContext, function: Callable[[StripeClient], StripeObject]) -> dict[str, Any]:
    # This step makes several calls: the reading ones get half the time, to stay within the run's lease.
    return stripe_client.call(context, function, writes=False, timeout=conf.get("STRIPE_TIMEOUT_SECONDS") / 2)


def _check_balance_refund(asked: RefundRequest) -> None:
    if not asked.currency:
        message = _now("A refund from a customer's balance needs a currency.")
        raise PermanentError(worded(message), code="currency_missing")
    if asked.cap_currency and asked.cap_currency != asked.currency.lower():
        message = _now("The refund is in %(given)s, and the step's limit in %(limit)s.")
        reason = worded(message, names={"limit": asked.cap_currency.upper()}, given=asked.currency.upper())
        raise PermanentError(reason, code="currency_mismatch")
    # `clean` lets none through without an amount.
    check_cap(cast(int, asked.amount), asked.cap, asked.currency)
