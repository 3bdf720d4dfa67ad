"""Documents of workflows that start on demand."""

from tests.workflows.documents import action, document

CHARGE = {"name": "charge", "kind": "stripe_id", "label": "Charge", "of": "charge", "required": True}
REASON = {"name": "reason", "kind": "choice", "label": "Why", "choices": ["late", "broken"]}
AMOUNT = {"name": "amount", "kind": "amount", "label": "Amount", "required": True}
TEST_MODE = {"mode": "test", "accounts": "own"}


def on_demand(*inputs, steps=None, scope=TEST_MODE, conditions=None, **more):
    made = document(*(steps or (action("one", text="a"),)), **more)
    nothing = {"match": "all", "conditions": []}
    made["trigger"] = {"type": "on_demand", "scope": scope, "conditions": conditions or nothing}
    if inputs:
        made["trigger"]["asks_for"] = list(inputs)
    return made
