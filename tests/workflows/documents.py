"""Definition documents for tests: small builders instead of walls of constants."""

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stripeflow.workflows.definition.trigger import TriggerPlan

# The scope of a workflow that takes every event, and of which somebody has said so.
EVERYTHING = {"mode": "both", "accounts": "all"}


def starts_on(event_type: str | list[str]) -> "TriggerPlan":
    # Campaigns write documents before Django is set up.
    from stripeflow.workflows.definition.trigger import TriggerPlan

    return TriggerPlan("stripe_event", {"event_type": event_type})


def usd(major: float) -> dict[str, Any]:
    return {"amount": round(major * 100), "currency": "usd"}


def compare(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def group(*conditions: dict[str, Any], match: str = "all") -> dict[str, Any]:
    return {"match": match, "conditions": list(conditions)}


def action(key: str, action_key: str = "test.record", **inputs: Any) -> dict[str, Any]:
    return {
        "key": key,
        "type": "action",
        "name": "",
        "action": action_key,
        "inputs": inputs,
        "on_error": "stop",
    }


def branch(key: str, *ways: dict[str, Any], otherwise: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    last = {"key": "otherwise", "name": "", "otherwise": True, "steps": list(otherwise)}
    return {"key": key, "type": "branch", "name": "", "branches": [*ways, last]}


def way(key: str, conditions: dict[str, Any], *steps: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "name": "", "conditions": conditions, "steps": list(steps)}


def document(
    *steps: dict[str, Any],
    event_type: str | list[str] = "payment_intent.succeeded",
    conditions: dict[str, Any] | None = None,
    name: str = "Test workflow",
    scope: dict[str, Any] | None = EVERYTHING,
) -> dict[str, Any]:
    return {
        "format": 1,
        "name": name,
        "description": "",
        "trigger": {
            "type": "stripe_event",
            "event_type": event_type,
            **({"scope": dict(scope)} if scope else {}),
            "conditions": conditions or group(),
        },
        "steps": deepcopy(list(steps)),
    }


def failing(step: dict[str, Any], *steps: dict[str, Any]) -> dict[str, Any]:
    """`step`, which takes an error branch of `steps` if it fails."""
    return {**step, "on_error": "branch", "error_branch": {"steps": list(steps)}}
