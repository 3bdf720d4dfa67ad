"""A step's own limit: what one call may move at most."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.errors import PermanentError
from stripeflow.actions.inputs import MoneyInput
from stripeflow.actions.money import format_minor
from stripeflow.actions.wording import worded

# The input of an action that moves money. A reference gives minor units of the currency that moves.
AT_MOST: Final = MoneyInput(
    "max_amount",
    label=gettext_lazy("At most"),
    help_text=gettext_lazy("The step fails, and moves nothing, if it would move more than this."),
)


def check(inputs: Mapping[str, Any], *, amount: int, currency: str) -> None:
    """Raise PermanentError if `amount`, in minor units of `currency`, is above `AT_MOST` of cleaned `inputs`.

    Also if that is in another currency, since nobody can compare the two.
    """
    limit, of = AT_MOST.amount_of(inputs), AT_MOST.currency_of(inputs)
    if limit is None:
        return
    if of and of != currency.lower():
        message = _("The step would move %(own)s, and its limit is in %(given)s. Nothing was sent.")
        said = worded(message, names={"given": of.upper()}, own=currency.upper())
        raise PermanentError(said, code="currency_mismatch")
    if amount > limit:
        message = _("The step would move %(amount)s, and its limit is %(limit)s. Nothing was sent.")
        shown = worded(message, amount=format_minor(amount, currency), limit=format_minor(limit, currency))
        details = {"amount": amount, "limit": limit, "currency": currency}
        raise PermanentError(shown, code="above_limit", details=details)
