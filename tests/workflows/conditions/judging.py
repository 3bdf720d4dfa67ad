"""How the tests of conditions ask: one test of one field, on a scope that holds its value."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import MISSING, Truth

NOW = datetime(2025, 6, 15, 12, tzinfo=UTC)
NOW_SECONDS = 1_749_988_800
DAY = 86_400

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN

# For `Seen.before`: previous_attributes do not name the field, or the event has none.
UNNAMED, NO_PREVIOUS = "unnamed", "no previous attributes"


@dataclass(frozen=True)
class Seen:
    """A field's value, the currency beside it, and what the field was before the event."""

    value: Any
    currency: Any = "usd"
    before: Any = UNNAMED

    @property
    def scope(self) -> dict[str, Any]:
        pairs = {"field": self.value, "currency": self.currency}
        return {"trigger": {key: value for key, value in pairs.items() if value is not MISSING}}

    @property
    def previous_attributes(self) -> dict[str, Any] | None:
        if self.before is NO_PREVIOUS:
            return None
        return {} if self.before is UNNAMED else {"field": self.before}


def document_of(operator: str, type_key: str | None, value: Any) -> dict[str, Any]:
    document = {"field": "trigger.field", "operator": operator, "value": value, "type": type_key}
    return document | ({"currency_field": "trigger.currency"} if type_key == "money" else {})


def evaluate_test(operator: str, type_key: str | None, value: Any, seen: Any) -> conditions.Evaluation:
    seen = seen if isinstance(seen, Seen) else Seen(seen)
    group = conditions.compile({"match": "all", "conditions": [document_of(operator, type_key, value)]})
    result = conditions.evaluate(group, seen.scope, now=NOW, previous_attributes=seen.previous_attributes)
    return result.children[0]


def evaluate(
    document: dict[str, Any], scope: dict[str, Any], previous: dict[str, Any] | None = None
) -> conditions.Evaluation:
    compiled = conditions.compile(document)
    return conditions.evaluate(compiled, scope, now=NOW, previous_attributes=previous)


def truth(document: dict[str, Any], scope: dict[str, Any], previous: dict[str, Any] | None = None) -> Truth:
    return evaluate(document, scope, previous).truth
