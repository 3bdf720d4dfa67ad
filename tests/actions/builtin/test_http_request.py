"""Send an HTTP request: what is sent, where to, and what each answer means. By a server on loopback."""

import json

import pytest

from stripeflow.actions import registry
from stripeflow.actions.connections import Connected, auths
from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import InvalidInput, RefusedUnread, TransientError, UnknownOutcome
from stripeflow.actions.repeat import Repeat
from tests.actions.outbound.conftest import serve  # noqa: F401  a fixture
from tests.actions.outbound.hostile import answer

ACTION = registry.get("http.request")
CONTEXT = ActionContext(
    run_id="r", workflow_name="W", step_key="s", step_name="S", idempotency_key="stripeflow:r:s:1"
)
BASE = {"connection": "shop", "method": "POST", "path": "/orders"}


@pytest.fixture
def shop(serve):  # noqa: F811
    """Answers the next requests by a script; `send` sends one, `sent` are those that came."""

    class Shop:
        def opens(self, script, auth="bearer", **settings):
            self.server = serve(script)
            self.connected = Connected("shop", self.server.origin, auths.find(auth), settings, "swordfish")

        def send(self, **inputs):
            return ACTION.execute({**BASE, **inputs, "connection": self.connected}, CONTEXT)

        @property
        def sent(self):
            head, _blank, body = self.server.requests[-1].partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            return lines[0], dict(line.split(": ", 1) for line in lines[1:]), body

    return Shop()


def rendered(path, **values):
    """The path as a run renders it: each reference by its name in `values`."""
    return ACTION.input("path").map_templates(path, lambda text: values[text.strip("{} ")])


def test_json_is_sent_with_our_key_and_the_proof(shop):
    shop.opens(answer(b"{}"))
    shop.send(
        json={"id": 7, "name": "ä"},
        query=[{"name": "a", "value": "1 & 2"}],
        headers=[{"name": "X-Shop", "value": "7"}],
    )
    line, headers, body = shop.sent
    assert line == "POST /orders?a=1+%26+2 HTTP/1.1"
    assert json.loads(body) == {"id": 7, "name": "ä"}
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == "stripeflow:r:s:1"
    assert (headers["Authorization"], headers["X-Shop"]) == ("Bearer swordfish", "7")


def test_a_form_is_sent_as_one(shop):
    shop.opens(answer(b"{}"))
    shop.send(form=[{"name": "a", "value": "ü"}, {"name": "a", "value": "2"}])
    _line, headers, body = shop.sent
    assert (headers["Content-Type"], body) == ("application/x-www-form-urlencoded", b"a=%C3%BC&a=2")


def test_reading_sends_neither_key_nor_body(shop):
    shop.opens(answer(b"{}"))
    shop.send(method="GET")
    line, headers, body = shop.sent
    assert (line, body) == ("GET /orders HTTP/1.1", b"")
    assert "Idempotency-Key" not in headers


@pytest.mark.parametrize(
    ("path", "value", "sent"),
    [
        ("/orders/{{ x }}", "a/b", "/orders/a%2Fb"),
        ("/orders/{{ x }}", "?a=b#c", "/orders/%3Fa%3Db%23c"),
        ("/orders/{{ x }}", "@evil.example", "/orders/%40evil.example"),
        ("/orders/{{ x }}", "a\r\nHost: b", "/orders/a%0D%0AHost%3A%20b"),
        ("/orders/{{ x }}", "%2e%2e", "/orders/%252e%252e"),
        ("/{{ x }}", "/evil.example", "/%2Fevil.example"),
        ("/{{ x }}", "\\evil", "/%5Cevil"),
        ("/a/{{ x }}.json", 7, "/a/7.json"),
        ("/a%20b/{{ x }}", "c d", "/a%20b/c%20d"),
        ("/a/{{ x }}", "ü", "/a/%C3%BC"),
    ],
)
def test_a_value_stays_within_its_part_of_the_path(path, value, sent):
    assert ACTION.input("path").check(path) == []
    assert ACTION.input("path").clean(rendered(path, x=value)) == sent


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/orders/{{ x }}", ".."),
        ("/orders/{{ x }}", "."),
        ("/orders/.{{ x }}", "."),
        ("/orders/{{ x }}", ""),
        ("/orders/{{ x }}", None),
        ("/orders/{{ x }}/refund", ""),
        ("/orders/{{ x }}", ["a"]),
        ("/orders/{{ x }}", {"a": 1}),
        ("/orders/{{ x }}", "a" * 3000),
    ],
)
def test_a_value_that_would_change_the_path_fails_the_step(path, value):
    with pytest.raises(InvalidInput):
        ACTION.input("path").clean(rendered(path, x=value))


@pytest.mark.parametrize(
    "path",
    [
        "orders",
        "{{ x }}",
        "https://evil.example/",
        "/a b",
        "/a/../b",
        "/a?b=c",
        "/a#b",
        "/ä",
        "/a\nb",
        "/%2e%2e/b",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused_by_the_editor(path):
    assert ACTION.input("path").check(path)


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "cookie",
        "Host",
        "X-Api-Key",
        "Content-Type",
        "Idempotency-Key",
        "Connection",
        "A b",
        "",
    ],
)
def test_a_header_that_is_not_the_steps_is_refused(name):
    assert ACTION.input("headers").check([{"name": name, "value": "a"}])
    with pytest.raises(InvalidInput):
        ACTION.input("headers").clean([{"name": name, "value": "a"}])


def test_a_value_cannot_end_its_header():
    assert ACTION.input("headers").check([{"name": "X-A", "value": "{{ trigger.id }}"}]) == []
    with pytest.raises(InvalidInput):
        ACTION.input("headers").clean([{"name": "X-A", "value": "a\r\nX-B: b"}])


def test_the_connections_own_header_is_not_the_steps(shop):
    shop.opens(answer(b"{}"), auth="header", header="X-Shop")
    with pytest.raises(RefusedUnread):
        shop.send(headers=[{"name": "x-shop", "value": "a"}])


@pytest.mark.parametrize(
    ("inputs", "repeat", "changes"),
    [
        ({"method": "GET"}, Repeat.SAFE, False),
        ({"method": "HEAD", "no_answer": "keyed"}, Repeat.SAFE, False),
        ({"method": "POST"}, Repeat.ASK, True),
        ({"method": "POST", "no_answer": "keyed"}, Repeat.KEYED, True),
        ({"method": "DELETE"}, Repeat.ASK, True),
        ({}, Repeat.ASK, True),
    ],
)
def test_the_step_says_how_it_repeats(inputs, repeat, changes):
    own = ACTION.for_inputs(inputs)
    assert (own.repeat, own.changes_customers) == (repeat, changes)
    assert (ACTION.repeat, ACTION.changes_customers) == (Repeat.ASK, True)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("400 Bad", RefusedUnread),
        ("404 Not Found", RefusedUnread),
        ("429 Slow", TransientError),
        ("503 Later", TransientError),
        ("500 Oops", UnknownOutcome),
        ("303 See", UnknownOutcome),
        ("308 Moved", RefusedUnread),
    ],
)
def test_a_status_that_is_no_success_fails_the_step(shop, status, kind):
    shop.opens(answer(b'{"why": "cus_LEAKED"}', status=status, headers=["Retry-After: 7"]))
    with pytest.raises(kind) as failed:
        shop.send()
    # What the service says is a value.
    assert "cus_LEAKED" in failed.value.message
    assert "cus_LEAKED" not in failed.value.message.public
    assert failed.value.code == f"http_{status[:3]}"
    assert getattr(failed.value, "retry_after", 7.0) == 7.0


def test_further_statuses_may_be_a_success(shop):
    shop.opens(answer(b"", status="404 Not Found"))
    assert shop.send(also_ok="404, 409")["status"] == 404


SAMPLE = {
    "id": "o_1",
    "total": 1.5,
    "paid": True,
    "count": 2,
    "lines": [{"sku": "a", "n": 1}],
    "buyer": {"email": "a@example.com"},
    "any": None,
    "odd name": 1,
}


def test_a_sample_declares_what_later_steps_can_use():
    fields = {one.name: one.type for one in ACTION.for_inputs({"sample": SAMPLE}).outputs.fields}
    assert fields == {
        "status": "integer",
        "location": "string",
        "request_id": "string",
        "body.id": "string",
        "body.total": "decimal",
        "body.paid": "boolean",
        "body.count": "integer",
        "body.lines": "list",
        "body.buyer.email": "string",
        "body.any": "any",
    }


def test_only_what_the_sample_has_is_kept(shop):
    given = {
        "id": "o_2",
        "total": 3,
        "paid": "yes",
        "count": True,
        "lines": [{"sku": "b", "n": 2, "secret": "x"}, 7],
        "buyer": None,
        "any": [1],
        "card": "4242",
    }
    shop.opens(answer(json.dumps(given).encode(), headers=["X-Request-Id: r_1", "Location: /orders/2"]))
    found = shop.send(sample=SAMPLE)
    assert (found["status"], found["request_id"], found["location"]) == (200, "r_1", "/orders/2")
    assert found["body"] == {
        "id": "o_2",
        "total": 3,
        "paid": None,
        "count": None,
        "lines": [{"sku": "b", "n": 2}, None],
        "buyer": None,
        "any": [1],
        "odd name": None,
    }


def test_without_a_sample_nothing_of_the_body_is_kept(shop):
    shop.opens(answer(b'{"card": "4242"}'))
    assert shop.send() == {"status": 200, "location": "", "request_id": ""}


@pytest.mark.parametrize("body", [b"<html>", b"", b"{", b'{"id": ' + b'"a"' * 2])
def test_a_success_whose_answer_cannot_be_read_leaves_its_outcome_open(shop, body):
    shop.opens(answer(body))
    with pytest.raises(UnknownOutcome) as failed:
        shop.send(sample=SAMPLE)
    assert failed.value.code == "answer_unreadable"
    with pytest.raises(RefusedUnread):
        shop.send(method="GET", sample=SAMPLE)


@pytest.mark.parametrize(
    "inputs",
    [
        {"json": {"a": 1}, "form": [{"name": "a", "value": "1"}]},
        {"method": "GET", "json": {"a": 1}},
        {"method": "HEAD", "form": [{"name": "a", "value": "1"}]},
    ],
)
def test_bodies_that_do_not_fit_are_refused(inputs):
    assert ACTION.check({**BASE, **inputs})
    with pytest.raises(InvalidInput):
        ACTION.clean({**BASE, **inputs})


@pytest.mark.parametrize("statuses", ["", "404", "404, 409", "404 409"])
def test_statuses_are_read(statuses):
    assert ACTION.input("also_ok").check(statuses) == []


@pytest.mark.parametrize("statuses", ["4", "600", "404;409", "all", 404, "{{ x }}"])
def test_what_are_no_statuses_is_refused(statuses):
    assert ACTION.input("also_ok").check(statuses)
