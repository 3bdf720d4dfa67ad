"""The currency of an amount that names none: it stands beside what the input refers to."""

from collections.abc import Iterator, Mapping
from typing import Any

from stripeflow.actions.base import Action
from stripeflow.actions.inputs import MoneyInput
from stripeflow.workflows.references import TemplateError, parse
from stripeflow.workflows.references.currencies import currency_beside


def currencies_of(action: Action, raw: Mapping[str, Any], scope: Mapping[str, Any]) -> dict[str, str]:
    """By the names of the action's amounts, the currency of the value that each refers to, where it is known.

    `raw` are the inputs as the definition has them, `scope` what the run knows.
    """
    return dict(_found(action, raw, scope))


def _found(action: Action, raw: Mapping[str, Any], scope: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in action.inputs:
        text = raw.get(one.name)
        if not isinstance(one, MoneyInput) or not isinstance(text, str):
            continue
        try:
            template = parse(text)
            if template.is_single:
                yield one.name, currency_beside(template.references[0].path, scope)
        except (TemplateError, ValueError):  # the history shows the amount without a currency then
            continue
