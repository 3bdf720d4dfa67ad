"""What exactly would happen if people approve: rendered inputs, and their digests."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.base import Action
from stripeflow.actions.dashboard import Dashboard
from stripeflow.actions.errors import ActionError
from stripeflow.actions.money import format_minor
from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import ActionPlan
from stripeflow.workflows.display.values import Reader


@dataclass(frozen=True)
class Would:
    """One action as it would be called. `inputs` are rendered, with secrets hidden.

    `digest` is of all that decides what happens. `amount` is in minor units of `currency`; None where it is
    not known before the call.
    """

    key: str
    title: str
    action: str
    inputs: Json
    digest: str
    moves_money: bool = False
    amount: int | None = None
    currency: str = ""

    @classmethod
    def of(cls, step: ActionPlan, action: Action, inputs: Mapping[str, Any]) -> "Would":
        """The call of a step with these rendered inputs."""
        amount, currency = _moved(action, inputs)
        return cls(
            step.key,
            step.name or str(action.label),
            step.action,
            sanitize(action.masked(inputs)),
            digest_of(step, inputs),
            action.moves_money,
            amount,
            currency,
        )

    def with_amount(self, amount: int, currency: str) -> "Would":
        """The same, of which it is known what it moves."""
        return replace(self, amount=amount, currency=currency)

    def to_json(self) -> Json:
        """As a row keeps it."""
        return asdict(self)


def digest_of(step: ActionPlan, inputs: Mapping[str, Any]) -> str:
    """The digest of one call: its step, its action, whose account it acts as, and its rendered inputs."""
    return _digest([step.key, step.action, step.as_platform, sanitize(dict(inputs))])


def digest_of_all(place: str, question: str, would: Iterable[Json]) -> str:
    """The digest of a whole question: what the person who decides has to have seen.

    It is keyed by `SECRET_KEY` and by the place where people are asked. It is read by people who may not see
    values, and who could guess what a plain digest of an amount or a name is of.
    """
    seen = [question, [one["digest"] for one in would], [one["amount"] for one in would]]
    return salted_hmac(f"stripeflow.approval.{place}", _written(seen), algorithm="sha256").hexdigest()


def sums_of(would: Iterable[Would]) -> dict[str, int]:
    """What these actions move together, in minor units by currency, as far as it is known."""
    sums: dict[str, int] = {}
    for one in would:
        if one.moves_money and one.amount is not None and one.currency:
            sums[one.currency] = sums.get(one.currency, 0) + one.amount
    return sums


def sums_text(sums: Mapping[str, int]) -> str:
    """Such sums in words: "48.00 USD, 5 JPY"."""
    return ", ".join(format_minor(amount, currency) for currency, amount in sorted(sums.items()))


def lines_of(one: Mapping[str, Any], *, livemode: bool = False, account: str = "") -> list[tuple[str, str]]:
    """The inputs of a kept `Would`, each as a label and a text."""
    action = registry.find(one["action"])
    if action is None:
        return [(_("Action"), one["action"])]
    currency = {"currency": one["currency"]} if one["currency"] else None
    rows = Reader(Dashboard(livemode, account)).inputs(action, one["inputs"], currency).rows
    return [(row.label, row.one_line) for row in rows]


def _moved(action: Action, inputs: Mapping[str, Any]) -> tuple[int | None, str]:
    if not action.moves_money:
        return None, ""
    try:
        found = action.moves(action.clean(inputs))
    except ActionError:
        # It fails when it is called; nothing moves.
        return None, ""
    return (found[0], found[1].lower()) if found else (None, "")


def _digest(value: object) -> str:
    return sha256(_written(value).encode()).hexdigest()


def _written(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
