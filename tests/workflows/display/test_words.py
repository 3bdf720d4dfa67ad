"""Inputs in words, as a card has room for them."""

import pytest

from stripeflow.actions import registry
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.display.words import input_lines

ROWS = [{"label": f"Row {number}", "value": "{{ trigger.id }}"} for number in range(30)]


@pytest.mark.parametrize(
    "inputs",
    [
        {"body": "word " * 200},
        {"body": "a" * 160 + "{{ trigger.id }}" + "b"},
        *({"append": [{"label": "x" * length, "value": "y"}, *ROWS]} for length in range(100, 125)),
    ],
)
def test_what_is_too_long_ends_once(inputs):
    known = Known(TriggerPlan("stripe_event", {"event_type": "charge.succeeded"}))
    (line,) = input_lines(registry.get("email.team_member"), inputs, known)
    text = "".join(part.text for part in line.parts)
    assert text.count("…") == 1
    assert text.endswith("…")
