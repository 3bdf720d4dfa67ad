"""The raw request: what its address makes of it, what it sends, and what it refuses."""

from contextlib import suppress

import pytest

from stripeflow.actions import registry
from stripeflow.actions.errors import InvalidInput, PermanentError
from stripeflow.actions.repeat import Repeat
from stripeflow.workflows.engine.rendering import InputsError, rendered_inputs
from stripeflow.workflows.stripe_operations.operations import operations
from stripeflow.workflows.stripe_operations.raw_path import match

RAW = registry.get("stripe.raw")
ALL = "moves destroys changes"


def rows(**parameters):
    return [{"name": name, "value": value} for name, value in parameters.items()]


def request(method, path, parameters=(), **more):
    return {"method": method, "path": path, "parameters": list(parameters), **more}


def problems(inputs):
    return [one.code for one in (*RAW.check(inputs), *RAW.check_current(inputs))]


def marks(inputs):
    made = RAW.for_inputs(inputs)
    found = {"moves": made.moves_money, "destroys": made.destructive, "changes": made.changes_customers}
    return " ".join(name for name, is_it in found.items() if is_it)


@pytest.mark.parametrize("key", sorted(operations()))
def test_each_operation_is_found_by_its_address(key):
    operation = operations()[key]
    assert match(operation.verb, operation.path).operation.path == operation.path


@pytest.mark.parametrize(
    ("verb", "path", "key", "ids"),
    [
        ("get", "/v1/invoices/in_1", "invoices.retrieve", ("in_1",)),
        ("get", "/v1/invoices/{in_1}", "invoices.retrieve", ("in_1",)),
        # A word of Stripe's comes first, unless it stands in braces: then it is an id.
        ("get", "/v1/invoices/search", "invoices.search", ()),
        ("get", "/v1/invoices/{search}", "invoices.retrieve", ("search",)),
        ("post", "/v1/invoices/{{ trigger.id }}/pay", "invoices.pay", ("id",)),
        ("post", "/v1/invoices/{in_1}/{pay}", None, ()),
        ("post", "/v1/invoices/in_1/{{ trigger.verb }}", None, ()),
        ("post", "/v1/invoices/{a}/lines/{b}", "invoices.line_items.update", ("a", "b")),
        ("delete", "/v1/invoices", None, ()),
    ],
)
def test_an_address_is_an_operation_and_its_ids(verb, path, key, ids):
    found = match(verb, path)
    assert (found and found.operation.key) == (key and f"stripe.{key}")
    assert found is None or found.ids == ids


@pytest.mark.parametrize(
    ("inputs", "marked", "repeat"),
    [
        (request("get", "/v1/invoices"), "", Repeat.SAFE),
        (request("post", "/v1/coupons", rows(name="A")), "changes", Repeat.KEYED),
        (request("post", "/v1/invoices/{{ trigger.id }}/pay"), ALL, Repeat.KEYED),
        (request("delete", "/v1/coupons/c"), "destroys changes", Repeat.ASK),
        # What the SDK does not know may do anything: an address, and a parameter of one.
        (request("get", "/v1/things"), ALL, Repeat.SAFE),
        (request("post", "/v1/things"), ALL, Repeat.KEYED),
        (request("post", "/v1/coupons", rows(surprise="A")), ALL, Repeat.KEYED),
        ({}, ALL, Repeat.ASK),
        ({"method": "patch", "path": 3, "parameters": "x"}, ALL, Repeat.ASK),
    ],
)
def test_the_marks_are_those_of_the_operation(inputs, marked, repeat):
    assert (marks(inputs), RAW.for_inputs(inputs).repeat) == (marked, repeat)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "v1/invoices",
        "/v2/core/accounts",
        "/v1",
        "/v1/",
        "/v1//invoices",
        "/v1/invoices/",
        "/v1/invoices/../charges",
        "/v1/./invoices",
        "/v1/{..}/charges",
        "/v1/invoices?limit=1",
        "/v1/invoices#a",
        "/v1/invoices/a b",
        "/v1/invoices/%2e%2e",
        "/v1/invoices/a\\b",
        "/v1/invoices/a\nb",
        "https://example.com/v1/invoices",
        "//example.com/v1/invoices",
        "/v1/invoices/in_{{ trigger.id }}",
        "/v1/invoices/{{ trigger.id }}{{ trigger.id }}",
        "/v1/{{ trigger.id }}?limit=1",
        f"/v1/{'a' * 500}",
    ],
)
def test_an_address_that_is_none_is_refused(path, context, recorder):
    assert problems(request("get", path))
    with pytest.raises((InvalidInput, PermanentError)):
        RAW.execute(request("get", path), context)
    assert recorder.requests == []


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("in_1", "/v1/invoices/in_1/lines"),
        ("gold plan", "/v1/invoices/gold%20plan/lines"),
        ("ä&=", "/v1/invoices/%C3%A4%26%3D/lines"),
        (7, "/v1/invoices/7/lines"),
        *(
            (value, None)
            for value in ("a/b", "..", ".", "", "a?b", "a#b", "%2e", "{{ event.id }}", "a}/{b", "a\nb")
        ),
        *((value, None) for value in (None, [], {}, ["in_1"])),
    ],
)
def test_a_reference_is_one_id_whatever_it_gives(value, sent, context, recorder):
    inputs = request("get", "/v1/invoices/{{ trigger.id }}/lines")
    assert problems(inputs) == []
    with suppress(InvalidInput, InputsError):
        rendered = rendered_inputs(RAW, inputs, {"trigger": {"id": value}}, name_of=str)
        RAW.execute(rendered, context)
    assert [path for _method, path, _sent, _key in recorder.requests] == ([sent] if sent else [])


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        # What is off as an action is off by its address.
        (request("post", "/v1/subscriptions", rows(customer="cus_1")), "operation_off"),
        (request("post", "/v1/billing_portal/sessions", rows(customer="cus_1")), "operation_off"),
        (request("get", "/v1/account_links"), None),
        (request("post", "/v1/refunds", rows(charge="ch_1")), "operation_off"),
        (request("post", "/v1/things", amount={"amount": 0, "currency": "usd"}), "operation_off"),
        (
            request("post", "/v1/charges/ch_1/refund", amount={"amount": 0, "currency": "usd"}),
            "operation_off",
        ),
        (
            request("post", "/v1/coupons", rows(surprise="A"), amount={"amount": 0, "currency": "usd"}),
            "operation_off",
        ),
        # Parameters that are withheld, in any spelling.
        (request("post", "/v1/subscriptions/sub_1", rows(**{"items[0][price]": "p"})), "withheld"),
        (request("post", "/v1/subscriptions/sub_1", rows(proration_behavior="x")), "withheld"),
        (request("post", "/v1/customers", rows(balance="-500")), "withheld"),
        (request("post", "/v1/checkout/sessions", rows(payment_intent_data="x")), "withheld"),
        (request("get", "/v1/issuing/cards/ic_1", rows(**{"expand[]": "number"})), "withheld"),
        (request("post", "/v1/invoices", rows(auto_advance="true")), "only_off"),
        (request("post", "/v1/invoices", rows(auto_advance="1")), "only_off"),
        (request("post", "/v1/payouts", rows(**{"amount[0]": "1", "currency": "usd"})), "spelling"),
        # The SDK would take these for itself.
        *(
            (request("get", "/v1/invoices", rows(**{name: "x"})), "name")
            for name in (
                "api_key",
                "stripe_account",
                "base",
                "headers",
                "usage",
                "method_",
                "api_key[x]",
                "A",
            )
        ),
        (request("get", "/v1/invoices", [*rows(limit="1"), *rows(limit="2")]), "name"),
    ],
)
def test_what_could_pass_a_limit_is_refused(inputs, code, context, recorder):
    if code is None:
        return
    assert code in problems(inputs)
    with pytest.raises((InvalidInput, PermanentError)):
        RAW.execute(inputs, context)
    assert recorder.requests == []


def test_it_sends_what_it_says(recorder, make_context):
    reserved = []
    context = make_context(idempotency_key="the-key", reserve=lambda **share: reserved.append(share))
    given = rows(**{"metadata[tier]": "gold", "name": ""})
    answer = RAW.execute(request("post", "/v1/customers/{cus_1}", given), context)
    assert recorder.requests == [
        ("post", "/v1/customers/cus_1", {"metadata[tier]": "gold", "name": ""}, "the-key")
    ]
    assert (answer["id"], answer["object"], answer["answer"]["client_secret"]) == ("any_1", "any", "…")
    RAW.execute(request("get", "/v1/customers", rows(limit="3")), context)
    RAW.execute(request("delete", "/v1/coupons/c"), context)
    assert [one[3] for one in recorder.requests[1:]] == [None, None]
    assert recorder.requests[1][2] == {"limit": "3"}
    assert reserved == []


@pytest.mark.parametrize(
    ("path", "given", "share"),
    [
        ("/v1/payouts", {"amount": "900", "currency": "eur"}, (900, "eur", None)),
        (
            "/v1/payment_intents",
            {"amount": "900", "currency": "eur", "customer": "cus_1"},
            (900, "eur", "cus_1"),
        ),
        ("/v1/invoices/{in_1}/pay", {}, (700, "usd", "")),
        ("/v1/charges/{ch_1}/capture", {"amount": "300"}, (300, "usd", "")),
        ("/v1/invoices/{in_1}/finalize", {"auto_advance": "false"}, None),
        (
            "/v1/customers/{cus_1}/balance_transactions",
            {"amount": "-5", "currency": "usd"},
            (5, "usd", "cus_1"),
        ),
    ],
)
def test_the_limits_count_it_as_they_count_the_operation(recorder, make_context, path, given, share):
    reserved = []

    def reserve(*, amount, currency, customer):
        reserved.append((amount, currency, customer))

    RAW.execute(request("post", path, rows(**given)), make_context(reserve=reserve))
    assert reserved == ([share] if share else [])
    limited = request("post", path, rows(**given), max_amount={"amount": 1, "currency": "gbp"})
    if share:
        with pytest.raises(PermanentError):
            RAW.execute(limited, make_context(reserve=reserve))
        assert len(reserved) == 1


@pytest.mark.parametrize(
    "given", [{}, {"amount": "x", "currency": "usd"}, {"amount": "5"}, {"amount": "5.0"}]
)
def test_an_amount_that_nobody_knows_moves_nothing(recorder, context, given):
    with pytest.raises(PermanentError) as caught:
        RAW.execute(request("post", "/v1/payouts", rows(**given)), context)
    assert caught.value.code == "no_amount"
    assert recorder.requests == []


@pytest.mark.parametrize(
    ("allowed", "path", "given"),
    [
        ("POST /v1/things/{id}", "/v1/things/{th_1}", {}),
        ("POST /v1/coupons/{coupon}", "/v1/coupons/c", {"surprise": "A"}),
    ],
)
def test_what_the_sdk_does_not_know_needs_a_setting_and_an_amount(
    settings, recorder, make_context, allowed, path, given
):
    settings.STRIPEFLOW = {
        **settings.STRIPEFLOW,
        "STRIPE_RAW_REQUESTS": [allowed.replace("{coupon}", "{id}")],
    }
    reserved, bare = [], request("post", path, rows(**given))
    context = make_context(reserve=lambda **share: reserved.append(share))
    assert problems(bare) == ["required"]
    with pytest.raises(PermanentError):
        RAW.execute(bare, context)
    said = {"amount": 50, "currency": "usd"}
    assert problems({**bare, "amount": said}) == []
    assert RAW.moves(RAW.clean({**bare, "amount": said})) == (50, "usd")
    RAW.execute({**bare, "amount": said}, context)
    assert reserved == [said]
    assert len(recorder.requests) == 1
