"""Builders for tests of loops."""

from tests.workflows.events import payment


def loop(*steps, key="each", over="{{ trigger.rows }}", **inputs):
    given = {"list": over, "if_item_fails": "stop", "max_items": 1000, "at_limit": "fail", **inputs}
    lane = {"key": "body", "name": "", "steps": list(steps)}
    return {"key": key, "type": "loop", "name": "", "inputs": given, "branches": [lane]}


def holding(*items, **fields):
    """An event whose object holds a list."""
    return payment(rows=list(items), **fields)


def charge(number, amount=100, currency="usd"):
    return {"id": f"ch_{number}", "object": "charge", "amount": amount, "currency": currency}


def charges(count, **fields):
    return [charge(number, **fields) for number in range(count)]
