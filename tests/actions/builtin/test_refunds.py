import pytest
from stripe import RequestOptions
from stripe.params import RefundCreateParams

from stripeflow.actions import registry, stripe_client
from stripeflow.actions.errors import (
    InvalidInput,
    KeySpent,
    PermanentError,
    ReplayedError,
    TransientError,
    UnknownOutcome,
)
from stripeflow.actions.look_up import Found, NotFound, Unclear

REFUND = registry.get("stripe.refunds.create")


def small_refund(charge, context):
    return small_refund_of(charge, 1, context)


def small_refund_of(charge, amount, context):
    parameters = {"charge": charge, "amount": amount}
    return stripe_client.call(context, lambda client: client.v1.refunds.create(parameters), writes=True)


@pytest.fixture
def payment(standin):
    return standin.payment(1_499)


@pytest.fixture
def charge(payment):
    return payment["charge"]["id"]


def refund_bodies(standin):
    return [request["params"] for request in standin.requests(method="POST", path="/v1/refunds")]


def test_refunds_all_that_is_left(standin, context, charge):
    refund = REFUND.execute({"charge": charge}, context)
    assert (refund["object"], refund["amount"]) == ("refund", 1_499)
    assert standin.object(charge)["refunded"] is True


def test_refunds_an_amount_by_reference_and_by_value(standin, make_context, charge):
    REFUND.execute({"charge": charge, "amount": 500}, make_context(step_key="a", idempotency_key="a"))
    amount = {"amount": 300, "currency": "usd"}
    REFUND.execute({"charge": charge, "amount": amount}, make_context(step_key="b", idempotency_key="b"))
    assert standin.object(charge)["amount_refunded"] == 800


def test_refunds_the_rest_where_less_is_left_and_says_so(standin, context, charge):
    small_refund_of(charge, 500, context)
    refund = REFUND.execute({"charge": charge, "amount": 1_499, "or_rest": True}, context)
    assert refund["amount"] == 999
    assert refund["note"] == (
        "Of the charge of $14.99 USD, $5.00 USD had been refunded before. This refund is of $9.99 USD."
    )
    assert "amount" not in refund_bodies(standin)[-1]


def test_refunds_the_amount_where_it_is_left(standin, context, charge):
    refund = REFUND.execute({"charge": charge, "amount": 800, "or_rest": True}, context)
    assert (refund["amount"], refund["note"]) == (800, "")


def test_the_rest_counts_against_the_limit_and_not_the_amount(standin, make_context, charge):
    reserved = []
    context = make_context(reserve=lambda **share: reserved.append(share))
    small_refund_of(charge, 500, context)
    inputs = {
        "charge": charge,
        "amount": 1_499,
        "or_rest": True,
        "max_amount": {"amount": 999, "currency": "usd"},
    }
    assert REFUND.execute(inputs, context)["amount"] == 999
    customer = standin.object(charge)["customer"] or ""
    assert reserved == [{"amount": 999, "currency": "usd", "customer": customer}]


def test_where_nothing_is_left_the_rest_is_no_way_out(standin, context, charge):
    small_refund_of(charge, 1_499, context)
    with pytest.raises(PermanentError) as caught:
        REFUND.execute({"charge": charge, "amount": 1_499, "or_rest": True}, context)
    assert caught.value.code == "nothing_left"


def test_sends_only_what_is_given_and_our_metadata(standin, context, charge):
    rows = [{"key": "Case", "value": "7"}]
    REFUND.execute({"charge": charge, "reason": "", "instructions_email": None, "metadata": rows}, context)
    assert refund_bodies(standin) == [
        {"charge": charge, "metadata": {"Case": "7", **context.stripe_metadata}}
    ]


def test_sends_the_reason_that_was_chosen(standin, context, charge):
    assert REFUND.execute({"charge": charge, "reason": "fraudulent"}, context)["reason"] == "fraudulent"


def test_reads_the_charge_before_it_writes(standin, context, charge):
    REFUND.execute({"charge": charge}, context)
    calls = [(request["method"], request["path"]) for request in standin.requests(path="/v1/")]
    assert calls == [("GET", f"/v1/charges/{charge}"), ("POST", "/v1/refunds")]


def test_only_the_writing_call_carries_the_idempotency_key(standin, context, charge):
    REFUND.execute({"charge": charge}, context)
    keys = [request["idempotency_key"] for request in standin.requests(path="/v1/")]
    assert keys == [None, context.idempotency_key]


def test_refunds_by_payment_intent(standin, context, payment):
    refund = REFUND.execute({"payment_intent": payment["payment_intent"]["id"]}, context)
    assert refund["charge"] == payment["charge"]["id"]


def test_a_charge_with_its_payment_intent_is_fine(standin, context, payment, charge):
    refund = REFUND.execute({"charge": charge, "payment_intent": payment["payment_intent"]["id"]}, context)
    assert refund["charge"] == charge


def test_a_charge_of_another_payment_intent_is_refused(standin, context, charge):
    with pytest.raises(PermanentError, match="does not belong to the payment intent pi_other") as caught:
        REFUND.execute({"charge": charge, "payment_intent": "pi_other"}, context)
    assert caught.value.code == "payment_mismatch"


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"amount": 1_500}, "more_than_left"),
        ({"amount": {"amount": 100, "currency": "eur"}}, "currency_mismatch"),
        ({"amount": 100, "currency": "eur"}, "currency_mismatch"),
        ({"max_amount": {"amount": 100, "currency": "eur"}}, "currency_mismatch"),
        ({"max_amount": {"amount": 1_498, "currency": "usd"}}, "above_limit"),
        ({"amount": 200, "max_amount": {"amount": 199, "currency": "usd"}}, "above_limit"),
    ],
)
def test_refuses_before_anything_is_written(standin, context, charge, inputs, code):
    with pytest.raises(PermanentError) as caught:
        REFUND.execute({"charge": charge, **inputs}, context)
    assert caught.value.code == code
    assert refund_bodies(standin) == []


def test_the_limit_itself_is_allowed(standin, context, charge):
    limit = {"amount": 1_499, "currency": "usd"}
    assert REFUND.execute({"charge": charge, "max_amount": limit}, context)["amount"] == 1_499


def test_a_repeat_returns_the_same_refund(standin, context, charge):
    first = REFUND.execute({"charge": charge}, context)
    assert REFUND.execute({"charge": charge}, context)["id"] == first["id"]
    assert len(standin.effects("refund.created")) == 1


def test_a_repeat_after_a_lost_reply_finds_the_refund(standin, context, charge):
    standin.faults("lost_reply", method="POST", path="/v1/refunds", count=1)
    with pytest.raises(UnknownOutcome):
        REFUND.execute({"charge": charge}, context)
    refund = REFUND.execute({"charge": charge}, context)
    assert standin.object(refund["id"])["metadata"]["stripeflow_run"] == context.run_id
    assert len(standin.effects("refund.created")) == 1


def test_a_refund_that_is_there_already_is_counted_and_not_limited(standin, make_context, charge):
    reserved = []
    context = make_context(reserve=lambda **share: reserved.append(share))
    made = REFUND.execute({"charge": charge, "amount": 100}, context)
    REFUND.execute({"charge": charge, "amount": 100}, context)
    share = {"amount": 100, "currency": "usd", "customer": standin.object(charge)["customer"] or ""}
    assert reserved == [share, {**share, "made_at": made["created"]}]


def test_a_repeat_after_the_key_was_forgotten_does_not_refund_twice(standin, context, charge):
    standin.faults("lost_reply", method="POST", path="/v1/refunds", count=1)
    with pytest.raises(UnknownOutcome):
        REFUND.execute({"charge": charge, "amount": 100}, context)
    standin.advance_clock(25 * 3600)
    REFUND.execute({"charge": charge, "amount": 100}, context)
    assert standin.object(charge)["amount_refunded"] == 100


def test_a_repeat_after_a_replayed_500_finds_the_refund_under_the_next_key(standin, make_context, charge):
    standin.faults("error_after", method="POST", path="/v1/refunds", count=1)
    with pytest.raises(UnknownOutcome):
        REFUND.execute({"charge": charge, "amount": 100}, make_context(idempotency_key="k:1"))
    REFUND.execute({"charge": charge, "amount": 100}, make_context(idempotency_key="k:2"))
    assert standin.object(charge)["amount_refunded"] == 100


def test_a_refund_of_somebody_else_is_not_taken_for_ours(standin, make_context, charge):
    REFUND.execute({"charge": charge}, make_context(run_id="other", idempotency_key="other"))
    with pytest.raises(PermanentError, match="Nothing is left to refund") as caught:
        REFUND.execute({"charge": charge}, make_context())
    assert caught.value.code == "nothing_left"


def test_finds_its_refund_beyond_the_first_page(standin, make_context):
    charge = standin.payment(100_000)["charge"]["id"]
    own = REFUND.execute({"charge": charge, "amount": 1}, make_context())
    for _refund in range(101):
        small_refund(charge, make_context())
    assert REFUND.execute({"charge": charge, "amount": 1}, make_context())["id"] == own["id"]


def look_up(context, **inputs):
    return REFUND.look_up(REFUND.clean(inputs), context)


@pytest.mark.parametrize("source", ["charge", "payment_intent"])
def test_looks_its_refund_up_by_the_metadata(standin, context, payment, source):
    inputs = {source: payment[source]["id"], "amount": 100}
    made = REFUND.execute(inputs, context)
    found = look_up(context, **inputs)
    assert isinstance(found, Found)
    assert found.outputs["id"] == made["id"]


def test_looks_up_in_vain_what_never_was_or_is_somebody_elses(standin, make_context, charge):
    assert look_up(make_context(), charge=charge) == NotFound()
    REFUND.execute({"charge": charge, "amount": 1}, make_context(run_id="other", idempotency_key="other"))
    assert look_up(make_context(), charge=charge) == NotFound()


def forge(charge, amount, context):
    """A refund by somebody who has read the metadata of an earlier one."""
    parameters = {"charge": charge, "amount": amount, "metadata": context.stripe_metadata}
    return stripe_client.call(context, lambda client: client.v1.refunds.create(parameters), writes=True)


@pytest.mark.parametrize("inputs", [{}, {"amount": 800}, {"amount": 1_499, "or_rest": True}], ids=str)
def test_a_forged_mark_makes_no_refund_done(standin, context, charge, inputs):
    forged = forge(charge, 1, context)
    with pytest.raises(KeySpent) as told:
        REFUND.execute({"charge": charge, **inputs}, context)
    assert told.value.code == "not_our_refund"
    assert look_up(context, charge=charge, **inputs) == Unclear(told.value.message)
    assert forged["id"] in told.value.message
    assert standin.object(charge)["amount_refunded"] == 1


def test_a_mark_that_is_older_than_the_event_is_forged(standin, make_context, charge):
    context = make_context(since=standin.payment(1)["charge"]["created"] + 10**6)
    forge(charge, 800, context)
    assert isinstance(look_up(context, charge=charge, amount=800), Unclear)


def test_a_refund_that_failed_at_the_bank_is_for_a_person_to_judge(monkeypatch, standin, context, charge):
    failed = {"id": "re_1", "status": "failed", "metadata": context.stripe_metadata}
    monkeypatch.setattr("stripeflow.actions.builtin.refunds._refunds", lambda *_: iter([failed]))
    unclear = look_up(context, charge=charge)
    assert unclear == Unclear("The refund re_1 was made for this step, and is failed now.")


def test_a_refund_from_a_balance_can_not_be_looked_up(context):
    source = {"origin": "customer_balance", "customer": "cus_1", "amount": {"amount": 5, "currency": "eur"}}
    assert isinstance(look_up(context, **source), Unclear)


def test_a_look_up_writes_nothing(standin, context, charge):
    look_up(context, charge=charge)
    assert {request["method"] for request in standin.requests(path="/v1/")} == {"GET"}


def test_a_stored_500_is_distinguished_from_a_fresh_one(standin, context, charge):
    standin.faults("error_before", method="POST", path="/v1/refunds", count=1, stored=True)
    with pytest.raises(UnknownOutcome) as fresh:
        REFUND.execute({"charge": charge}, context)
    with pytest.raises(ReplayedError, match="answers every repeat") as replayed:
        REFUND.execute({"charge": charge}, context)
    assert (fresh.value.code, replayed.value.code) == ("stripe_unavailable", "replayed_error")


def test_a_lost_answer_to_the_reading_call_did_nothing(standin, context, charge):
    standin.faults("lost_reply", method="GET", path="/v1/charges", count=1)
    with pytest.raises(TransientError):
        REFUND.execute({"charge": charge}, context)
    assert refund_bodies(standin) == []


@pytest.mark.parametrize(
    "inputs",
    [{}, {"charge": None}, {"amount": 5}, {"origin": "customer_balance", "customer": "cus_1"}],
)
def test_without_a_source_the_money_has_nowhere_to_come_from(context, inputs):
    with pytest.raises(InvalidInput, match="A refund needs a charge ID or a payment intent ID"):
        REFUND.execute(inputs, context)


def test_a_refund_from_a_balance_sends_amount_and_currency(context):
    inputs = {
        "origin": "customer_balance",
        "customer": "cus_1",
        "amount": {"amount": 500, "currency": "EUR"},
    }
    assert REFUND.parameters(REFUND.clean(inputs), context) == {
        "origin": "customer_balance",
        "customer": "cus_1",
        "amount": 500,
        "currency": "eur",
        "metadata": context.stripe_metadata,
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 500}, "currency_missing"),
        ({"max_amount": {"amount": 100, "currency": "usd"}}, "currency_mismatch"),
        ({"max_amount": {"amount": 499, "currency": "eur"}}, "above_limit"),
    ],
)
def test_a_refund_from_a_balance_keeps_to_the_limit(context, changes, code):
    inputs = {
        "origin": "customer_balance",
        "customer": "cus_1",
        "amount": {"amount": 500, "currency": "eur"},
        **changes,
    }
    with pytest.raises(PermanentError) as caught:
        REFUND.execute(inputs, context)
    assert caught.value.code == code


def test_says_that_it_moves_money_and_is_keyed():
    assert REFUND.moves_money
    assert REFUND.repeat == "keyed"


def test_offers_every_plain_field_of_the_sdk():
    named = set(RefundCreateParams.__annotations__) - set(RequestOptions.__annotations__) - {"expand"}
    assert named <= set(REFUND.input_names)
