"""The money that a step would move, if the event alone determines it. Pure."""

from dataclasses import dataclass

from stripeflow.actions import money, registry
from stripeflow.actions.base import Action
from stripeflow.actions.errors import ActionError
from stripeflow.actions.inputs import MoneyInput
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.references import (
    MissingValue,
    Scope,
    TemplateError,
    format_path,
    parse,
    parse_path,
    resolve,
)
from stripeflow.workflows.rehearsal.results import State, StepResult
from stripeflow.workflows.rehearsal.walking import Given


@dataclass(frozen=True)
class Moved:
    """An amount in minor units; zero if the step's own limit would refuse it."""

    amount: int
    currency: str


def moves_money(step: StepResult) -> bool:
    """Whether the step's action moves money, and the run may reach it."""
    action = registry.find_for(step.action or "", step.inputs)
    return action is not None and action.moves_money and step.state is not State.NOT_REACHED


def moved_by(step: StepResult, raw: Json, given: Given, trigger: TriggerPlan) -> Moved | None:
    """The amount that a step would move; None if the event alone does not determine it.

    `raw` are the step's inputs in the definition: a bare amount gets the currency of the field that it
    refers to. Without an amount, an event about the charge says what is left of it.
    """
    action = registry.find(step.action or "")
    if action is None or step.unknown_inputs or step.state is State.POSSIBLE:
        return None
    if step.state is not State.WOULD_RUN:
        return Moved(0, "")
    try:
        inputs = action.clean(step.inputs)
    except ActionError:
        return None
    wanted, rest = _amount(action, inputs, raw, given, trigger), _rest_of_charge(inputs, given)
    if inputs.get("amount") is None or (
        inputs.get("or_rest") and wanted and rest and rest.amount < wanted.amount
    ):
        wanted = rest
    return wanted and _below_limit(action, inputs, wanted)


def _amount(action: Action, inputs: Json, raw: Json, given: Given, trigger: TriggerPlan) -> Moved | None:
    field = _money_input(action, "amount")
    if field is None or inputs.get("amount") is None:
        return None
    currency = field.currency_of(inputs) or _currency_of_reference(raw.get("amount"), given, trigger)
    amount = field.amount_of(inputs)
    return Moved(amount, currency) if currency and isinstance(amount, int) else None


def _rest_of_charge(inputs: Json, given: Given) -> Moved | None:
    charge = given.object
    if charge.get("object") != "charge":
        return None
    whole, given_back, currency = (charge.get(key) for key in ("amount", "amount_refunded", "currency"))
    is_it = charge.get("id") is not None and inputs.get("charge") == charge.get("id")
    if not (is_it and isinstance(whole, int) and isinstance(given_back, int) and _is_currency(currency)):
        return None
    return Moved(max(whole - given_back, 0), str(currency).lower())


def _below_limit(action: Action, inputs: Json, wanted: Moved) -> Moved:
    """Zero if the step's own limit is lower, or in another currency."""
    field = _money_input(action, "max_amount")
    limit = field.amount_of(inputs) if field else None
    if field is None or limit is None:
        return wanted
    is_same = field.currency_of(inputs) in (None, wanted.currency)
    return wanted if is_same and wanted.amount <= limit else Moved(0, wanted.currency)


def _money_input(action: Action, name: str) -> MoneyInput | None:
    found = next((one for one in action.inputs if one.name == name), None)
    return found if isinstance(found, MoneyInput) else None


def _currency_of_reference(raw: object, given: Given, trigger: TriggerPlan) -> str | None:
    """The currency beside the field of the trigger that the amount refers to."""
    if not isinstance(raw, str):
        return None
    try:
        template = parse(raw)
        found = Known(trigger).find(format_path(template.references[0].path))
        if found is None or not found.currency_field or not found.path.startswith("trigger."):
            return None
        scope = Scope.of_event(given)
        currency = resolve(parse_path(found.currency_field), scope)
    except (TemplateError, MissingValue, IndexError):
        return None
    return currency.lower() if _is_currency(currency) else None


def _is_currency(value: object) -> bool:
    return isinstance(value, str) and money.is_currency(value)
