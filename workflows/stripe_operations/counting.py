"""Takes what an operation moves from the limits, before the call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions import at_most, conf, stripe_client
from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import PermanentError
from stripeflow.actions.wording import worded
from stripeflow.workflows.stripe_operations.amounts import COUNTED, Counted
from stripeflow.workflows.stripe_operations.operations import Operation


def count(
    operation: Operation,
    ids: tuple[str, ...],
    sent: Mapping[str, Any],
    inputs: Mapping[str, Any],
    context: ActionContext,
) -> None:
    """Reserve the amount that the operation moves with what is `sent`, within the step's own limit.

    `ids` are those of the address; of the cleaned `inputs` a typed amount has its own currency. Raises
    PermanentError if the amount is not known, or passes a limit, and other subclasses of ActionError if what
    says it cannot be read.
    """
    counted = COUNTED.get(operation.key)
    # What is not counted and can be used at all moves nothing by the call itself.
    if counted is None or (counted.switch and sent.get(counted.switch) is False):
        context.waive()
        return
    amount = sent.get(counted.input) if counted.input else None
    currency = sent.get("currency")
    read: dict[str, Any] = {}
    if counted.reads:
        read = _read(counted, ids[0], context)
        currency = str(read.get("currency") or "")
        _check_currency(counted, inputs, currency)
        amount = read.get(counted.field) if amount is None else amount
    if (
        isinstance(amount, bool)
        or not isinstance(amount, int)
        or not isinstance(currency, str)
        or not currency
    ):
        message = _(
            "The amount and its currency have to be given: the daily limits count them before the call."
        )
        raise PermanentError(worded(message), code="no_amount")
    if not amount:
        context.waive()
        return
    at_most.check(inputs, amount=abs(amount), currency=currency)
    customer = counted.customer_in(ids, read, sent)
    context.reserve(amount=abs(amount), currency=currency, customer=customer)


def _read(counted: Counted, first: str, context: ActionContext) -> dict[str, Any]:
    # Two calls share the time, to stay within the run's lease.
    half = conf.get("STRIPE_TIMEOUT_SECONDS") / 2
    return stripe_client.call(
        context,
        lambda client: getattr(client.v1, counted.reads).retrieve(first),
        writes=False,
        timeout=half,
    )


def _check_currency(counted: Counted, inputs: Mapping[str, Any], currency: str) -> None:
    """Refuse an amount typed in another currency than that of the object it is about."""
    given = inputs.get(counted.input) if counted.input else None
    if isinstance(given, dict) and given["currency"] != currency:
        message = _("The amount is in %(given)s, and what it is about is in %(own)s.")
        said = worded(message, given=given["currency"].upper(), own=currency.upper())
        raise PermanentError(said, code="currency_mismatch")
