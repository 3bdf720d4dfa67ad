"""Steps that wait, as documents have them."""


def wait(key="wait", amount=3, unit="days", **more):
    return {"key": key, "type": "wait", "name": "", "inputs": {"amount": amount, "unit": unit}, **more}


def wait_until(key="until", *past, date="2026-07-10", **inputs):
    lane = {"key": "past", "name": "", "steps": list(past)}
    inputs = {"date": date, "if_past": "lane" if past else "go_on", "zone": "Europe/Berlin", **inputs}
    return {"key": key, "type": "wait_until", "name": "", "inputs": inputs, "branches": [lane]}


def wait_for_event(key="paid", event="invoice.paid", *, lanes=(), late=(), **inputs):
    """`lanes` are the lanes of its events, as `event_lane` gives them; `late` the steps of its time-out."""
    timeout = {"key": "timeout", "name": "", "otherwise": True, "steps": list(late)}
    inputs = {"event": event, "same_as": "customer", "amount": 3, "unit": "days", **inputs}
    named = {name: value for name, value in inputs.items() if value is not None}
    branches = [*(lanes or [event_lane()]), timeout]
    return {"key": key, "type": "wait_for_event", "name": "", "inputs": named, "branches": branches}


def event_lane(*steps, key="event", conditions=None):
    asked = {"conditions": conditions} if conditions else {}
    return {"key": key, "name": "", "steps": list(steps), **asked}
