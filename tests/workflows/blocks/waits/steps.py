"""Steps that wait, as documents have them."""


def wait(key="wait", amount=3, unit="days", **more):
    return {"key": key, "type": "wait", "name": "", "inputs": {"amount": amount, "unit": unit}, **more}


def wait_until(key="until", *past, date="2026-07-10", **inputs):
    lane = {"key": "past", "name": "", "steps": list(past)}
    inputs = {"date": date, "if_past": "lane" if past else "go_on", "zone": "Europe/Berlin", **inputs}
    return {"key": key, "type": "wait_until", "name": "", "inputs": inputs, "branches": [lane]}
