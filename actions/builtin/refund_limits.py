"""How much may be refunded: what is left of the charge, and the step's own cap."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import KeySpent, PermanentError
from stripeflow.actions.money import format_minor
from stripeflow.actions.wording import worded

# In these states the money of a refund went back to the charge.
UNDONE = frozenset({"failed", "canceled"})


class NotOurs(KeySpent):
    """A refund carries the step's metadata, but is not the step's own: a person has to look at it."""

    default_code = "not_our_refund"


@dataclass(frozen=True)
class RefundRequest:
    """What a step asks for, in minor units; None where it says nothing."""

    amount: int | None = None
    currency: str | None = None
    cap: int | None = None
    cap_currency: str | None = None
    # Whether to refund the rest if less is left than the amount.
    or_rest: bool = False


def check_charge(charge: Mapping[str, Any], asked: RefundRequest) -> int:
    """Return the amount to refund, in minor units of the charge's currency.

    Raises PermanentError unless the charge can give it back, within the step's cap.
    """
    currency = charge["currency"]
    _check_currency(
        charge, asked.currency, _("The refund is in %(given)s, and the charge %(charge)s in %(own)s.")
    )
    _check_currency(
        charge,
        asked.cap_currency,
        _("The step's limit is in %(given)s, and the charge %(charge)s in %(own)s."),
    )
    left = charge["amount"] - charge["amount_refunded"]
    if left <= 0:
        message = _("Nothing is left to refund of the charge %(charge)s.")
        raise PermanentError(worded(message, charge=charge["id"]), code="nothing_left")
    amount = left if asked.amount is None or takes_rest(charge, asked) else asked.amount
    if amount > left:
        raise _too_much(
            _("The refund of %(amount)s is more than the %(limit)s left of the charge."),
            amount, left, currency, "more_than_left",
        )  # fmt: skip
    check_cap(amount, asked.cap, currency)
    return amount


def takes_rest(charge: Mapping[str, Any], asked: RefundRequest) -> bool:
    """Whether the rest is refunded: without an amount, or if less is left and that is allowed."""
    if asked.amount is None:
        return True
    return asked.or_rest and asked.amount > charge["amount"] - charge["amount_refunded"]


def note_on(charge: Mapping[str, Any], amount: int) -> str:
    """The note on a charge that was refunded in part before: what is refunded now. "" for all others."""
    before, currency = charge["amount_refunded"], charge["currency"]
    if not before:
        return ""
    values = {"now": amount, "whole": charge["amount"], "before": before}
    shown = {name: format_minor(value, currency) for name, value in values.items()}
    return (
        _("Of the charge of %(whole)s, %(before)s had been refunded before. This refund is of %(now)s.")
        % shown
    )


def check_cap(amount: int, cap: int | None, currency: str) -> None:
    """Raise PermanentError if the amount is above the step's cap, both in minor units of `currency`."""
    if cap is not None and amount > cap:
        raise _too_much(
            _("The refund of %(amount)s is more than this step's limit of %(limit)s."),
            amount, cap, currency, "above_limit",
        )  # fmt: skip


def own_refund(
    refunds: Sequence[Mapping[str, Any]],
    charge: Mapping[str, Any],
    asked: RefundRequest,
    context: ActionContext,
) -> Mapping[str, Any] | None:
    """Return the refund that this step has created, if it took effect, or None.

    `refunds` are all of the charge, newest first. The metadata alone is no proof: anybody who may refund in
    this account can write it. Raises NotOurs for one that carries it but is not what the step asks for.
    """
    marked = [(at, one) for at, one in enumerate(refunds) if _is_marked(one, context) and not is_undone(one)]
    for at, refund in marked:
        earlier = refunds[at + 1 :]
        if refund["created"] >= int(context.since) and _could_be(refund["amount"], charge, earlier, asked):
            return refund
    if marked:
        message = _(
            "The refund %(id)s carries the metadata of this step, and is not what this step asks for. Look "
            "in Stripe who made it, and say whether that was this step."
        )
        raise NotOurs(worded(message, id=marked[0][1]["id"]))
    return None


def undone_refund(refunds: Iterable[Mapping[str, Any]], context: ActionContext) -> Mapping[str, Any] | None:
    """Return the newest refund that carries this step's metadata, and ended without effect."""
    return next((one for one in refunds if _is_marked(one, context) and is_undone(one)), None)


def _is_marked(refund: Mapping[str, Any], context: ActionContext) -> bool:
    return context.stripe_metadata.items() <= (refund.get("metadata") or {}).items()


def _could_be(
    amount: int, charge: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]], asked: RefundRequest
) -> bool:
    """Whether the step would have created a refund of `amount` after the `earlier` ones."""
    # A refund that has failed since may or may not have counted then.
    made = [
        sum(one["amount"] for one in earlier),
        sum(one["amount"] for one in earlier if not is_undone(one)),
    ]
    return any(amount == _amount_asked(charge["amount"] - before, asked) for before in made)


def _amount_asked(left: int, asked: RefundRequest) -> int:
    if asked.amount is None:
        return left
    return min(left, asked.amount) if asked.or_rest else asked.amount


def is_undone(refund: Mapping[str, Any]) -> bool:
    """Whether the refund ended without effect, and gave the money back to the charge."""
    return refund.get("status") in UNDONE


def _check_currency(charge: Mapping[str, Any], given: str | None, message: str) -> None:
    if given and given.lower() != charge["currency"].lower():
        sentence = worded(message, given=given.upper(), own=charge["currency"].upper(), charge=charge["id"])
        raise PermanentError(sentence, code="currency_mismatch")


def _too_much(message: str, amount: int, limit: int, currency: str, code: str) -> PermanentError:
    shown = worded(message, amount=format_minor(amount, currency), limit=format_minor(limit, currency))
    details = {"amount": amount, "limit": limit, "currency": currency}
    return PermanentError(shown, code=code, details=details)
