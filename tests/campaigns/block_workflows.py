"""Workflows of the chaos campaign, one for each kind of step that waits, repeats, or starts other runs."""

from tests.workflows.documents import EVERYTHING, action, compare, document, group, usd

COLLECT, ASK, CALL, CALLED = "Collect", "Ask", "Call", "Called"
AWAIT, LEAVE, FAIL, EACH = "Await", "Leave", "Fail", "Each"
# A customer whom nobody has: a call for them fails for good.
NOBODY = "cus_nobody"
# Each of them has to decide.
DECIDERS = ("first", "second")
PAID, VOIDED = "invoice.paid", "invoice.voided"
EVENT, CUSTOMER = "{{ event.id }}", "{{ trigger.customer }}"


def mark(name: str, update: str, value: str = EVENT, customer: str = CUSTOMER) -> dict:
    """Leave a mark with the customer at Stripe: whose event has come so far."""
    return action(name, update, customer=customer, metadata=[{"key": name, "value": value}])


def on_demand(update: str) -> tuple[dict, ...]:
    """What others start: a step of another workflow, or a person with a table."""
    return tuple(
        _on_demand(mark(key, update, "{{ trigger.what }}"), name=name)
        for key, name in (("called", CALLED), ("each", EACH))
    )


def on_payments(update: str, called: str) -> tuple[dict, ...]:
    """Each starts on payments in a currency of its own. `called` is the setting that names `CALLED`."""
    return (
        _paid_in("gbp", _each(update), mark("all", update), name=COLLECT),
        _paid_in("chf", _approval(update), mark("approved", update), name=ASK),
        _paid_in("sek", _call(called), mark("after", update), name=CALL),
        _paid_in("nok", _wait_for_event(update), mark("then", update), name=AWAIT),
        _leave(update),
        _paid_in("cad", mark("fails", update, customer=NOBODY), _on_failure(mark("undo", update)), name=FAIL),
    )


def _paid_in(currency: str, *steps: dict, name: str) -> dict:
    return document(*steps, conditions=group(compare("trigger.currency", "equal", currency)), name=name)


def _on_demand(*steps: dict, name: str) -> dict:
    asks = [
        {"name": key, "kind": "text", "label": key.title(), "required": True} for key in ("what", "customer")
    ]
    trigger = {"type": "on_demand", "asks_for": asks, "scope": EVERYTHING, "conditions": group()}
    return {**document(*steps, name=name), "trigger": trigger}


def _each(update: str) -> dict:
    """A call for each row, three at once; it goes on behind those that fail."""
    given = {
        "list": "{{ trigger.rows }}",
        "if_item_fails": "go_on",
        "max_items": 100,
        "at_limit": "fail",
        "parallel": 3,
    }
    item = mark("item", update, EVENT + " {{ item.id }}", "{{ item.customer }}")
    return _with_lanes("rows", "loop", given, body=[item])


def _approval(update: str) -> dict:
    given = {"question": "May it?", "users": list(DECIDERS), "needed": 2, "amount": 1, "unit": "days"}
    given |= {"escalate_after": 1, "escalate_unit": "minutes"}
    return _with_lanes("ask", "approval", given, declined=[mark("declined", update)], timed_out=[])


def _call(called: str) -> dict:
    values = [{"input": "what", "value": EVENT}, {"input": "customer", "value": CUSTOMER}]
    return _with_lanes(
        "call", "run_workflow", {"workflow": called, "values": values, "wait": True}, failed=[]
    )


def _wait_for_event(update: str) -> dict:
    """A small invoice does not count."""
    given = {"event": PAID, "same_as": "customer", "amount": 1, "unit": "days"}
    step = _with_lanes(
        "wait",
        "wait_for_event",
        given,
        event=[mark("paid", update, EVENT + " {{ steps.wait.number }}")],
        timeout=[mark("late", update)],
    )
    step["branches"][0]["conditions"] = group(compare("steps.wait.amount_paid", "greater_than", usd(500)))
    step["branches"][1]["otherwise"] = True
    return step


def _leave(update: str) -> dict:
    """It waits for a day, and ends when the customer's invoice is voided."""
    wait = {"key": "wait", "type": "wait", "name": "", "inputs": {"amount": 1, "unit": "days"}}
    made = _paid_in("dkk", wait, mark("never", update), name=LEAVE)
    made["trigger"]["cancel_when"] = [{"event": VOIDED, "same_as": "customer"}]
    return made


def _on_failure(*steps: dict) -> dict:
    return _with_lanes("on_failure", "on_failure", {}, failed=list(steps))


def _with_lanes(key: str, kind: str, inputs: dict, **lanes: list[dict]) -> dict:
    branches = [{"key": name, "name": "", "steps": steps} for name, steps in lanes.items()]
    return {"key": key, "type": kind, "name": "", "inputs": inputs, "branches": branches}
