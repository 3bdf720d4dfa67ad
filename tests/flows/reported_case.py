"""One reported case: a definition, what is sent, signed, once it is active, and what must be found."""

import hashlib
import hmac
import http.client
import json
import time
import uuid
from collections import Counter
from urllib.parse import urlsplit

from stripeflow_site.local.api import ApiRefused
from tests.flows.installation import FINAL

SETTLED = (*FINAL, "held")
VERSION = "2026-08-26.dahlia"


class Outcome(dict):
    """What was found, by the names that a case's `expect` uses."""


def outcome_of(case, house):
    """What the installation makes of the case."""
    if "api" in case:
        return _of_request(case, house)
    workflow = None
    if "definition" in case:
        try:
            workflow = house.activate_document(case["definition"])
        except ApiRefused:
            return Outcome(activated=False)
    events = [_envelope(given) for given in case.get("events", ())]
    statuses = {_send(event, house, **case.get("send", {})) for event in events}
    found = Outcome(activated=True, http=sorted(statuses))
    if workflow is not None and statuses == {200}:
        found.update(_of_events(case, house, workflow, events))
    return found


def _of_events(case, house, workflow, events):
    ids = sorted({event["id"] for event in events})
    for one in ids:
        house.wait_for_event(one)
    verdicts = Counter(house.why(one, workflow)["reason"] for one in ids)
    expected = sum(case["expect"].get("runs", {}).values())

    def settled():
        runs = house.api.runs(workflow=workflow)
        return len(runs) >= expected and all(run["status"] in SETTLED for run in runs)

    house.wait(settled, what=f"The runs of {case['title']}")
    runs = house.api.runs(workflow=workflow)
    steps = [step for run in runs for step in run["steps"]]
    return {
        "verdicts": dict(verdicts),
        "runs": dict(Counter(run["status"] for run in runs)),
        "steps": [
            {**{name: step[name] for name in ("key", "status", "branch")}, "body": _body(step)}
            for step in steps
        ],
        "must_not_run": [step["key"] for step in steps if step["key"] in case.get("must_not_run", ())],
    }


def _body(step):
    return (step["inputs"] or {}).get("body")


def _of_request(case, house):
    asked, path = case["api"], case["api"]["path"]
    if "definition" in case:
        made = house.api.post("workflows/", case["definition"])
        path = path.replace("$WORKFLOW", str(made["id"]))
    body = json.dumps(asked["body"])
    headers = {"Authorization": f"Bearer {house.api.token}", "Content-Type": "application/json"}
    sent = f"\ufeff{body}" if asked.get("bom") else body
    status, answer = _request(house.url, asked["method"], f"/api/v1/{path}", sent.encode(), headers)
    looked_at = {name: json.loads(answer).get(name) for name in asked.get("look_at", ())}
    return Outcome(status=status, **looked_at)


def _envelope(given):
    return {
        "id": f"evt_{uuid.uuid4().hex}",
        "object": "event",
        "api_version": VERSION,
        "created": int(time.time()),
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        **given,
    }


def _send(event, house, *, chunked=False, no_trailing_slash=False):
    """Deliver the event as Stripe does; returns the status."""
    body, now = json.dumps(event).encode(), int(time.time())
    signature = hmac.new(house.webhook_secret.encode(), b"%d." % now + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "Stripe-Signature": f"t={now},v1={signature}"}
    path = house.webhook_path.rstrip("/") if no_trailing_slash else house.webhook_path
    return _request(house.url, "POST", path, body, headers, chunked=chunked)[0]


def _request(url, method, path, body, headers, *, chunked=False):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        if chunked:
            headers = {**headers, "Transfer-Encoding": "chunked"}
            connection.request(method, path, body=iter([body]), headers=headers, encode_chunked=True)
        else:
            connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
