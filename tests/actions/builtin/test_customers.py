import time
from dataclasses import replace

import pytest

from stripeflow.actions import registry
from stripeflow.actions.errors import (
    InvalidInput,
    KeyMismatch,
    PermanentError,
    TransientError,
    UnknownOutcome,
)
from stripeflow.actions.look_up import Found, NotFound, Unclear

UPDATE = registry.get("stripe.customers.update")


def tier(value):
    return [{"key": "Tier", "value": value}]


@pytest.fixture
def customer(standin):
    return standin.create_customer(description="Paying customer", metadata={"Source": "shop"})["id"]


def test_sets_metadata_and_leaves_the_rest(standin, context, customer):
    answer = UPDATE.execute({"customer": customer, "metadata": tier("VIP")}, context)
    assert answer["metadata"] == {"Source": "shop", "Tier": "VIP"}
    assert standin.object(customer)["description"] == "Paying customer"


def test_an_empty_metadata_value_removes_the_key(standin, context, customer):
    UPDATE.execute({"customer": customer, "metadata": [{"key": "Source", "value": ""}]}, context)
    assert standin.object(customer)["metadata"] == {}


def test_sends_the_other_fields_that_are_given(standin, context, customer):
    UPDATE.execute({"customer": customer, "name": "Big spender", "description": "", "phone": None}, context)
    assert standin.object(customer)["name"] == "Big spender"
    assert standin.object(customer)["description"] == "Paying customer"


def test_a_repeat_with_the_same_key_takes_effect_once(standin, context, customer):
    for _attempt in range(3):
        UPDATE.execute({"customer": customer, "metadata": tier("VIP")}, context)
    assert len(standin.effects("customer.updated")) == 1


@pytest.mark.parametrize("value", [None, ""])
def test_a_guest_payment_fails_by_name(context, value):
    with pytest.raises(InvalidInput, match="^“Customer ID” has no value in this run.$") as caught:
        UPDATE.execute({"customer": value, "metadata": tier("VIP")}, context)
    assert caught.value.field == "customer"


def test_nothing_to_change_is_refused_before_anything_is_called(context):
    with pytest.raises(InvalidInput, match="There is nothing to change"):
        UPDATE.execute({"customer": "cus_1"}, context)


def test_nothing_to_change_is_a_problem_of_the_step():
    assert [problem.code for problem in UPDATE.check({"customer": "cus_1"})] == ["nothing_to_update"]


def test_an_unknown_customer_fails_for_good(standin, context):
    with pytest.raises(PermanentError, match="No such customer"):
        UPDATE.execute({"customer": "cus_none", "metadata": tier("VIP")}, context)


def test_a_lost_reply_leaves_the_outcome_unknown(standin, context, customer):
    standin.faults("lost_reply", method="POST", path="/v1/customers", count=1)
    with pytest.raises(UnknownOutcome):
        UPDATE.execute({"customer": customer, "metadata": tier("VIP")}, context)
    assert standin.object(customer)["metadata"]["Tier"] == "VIP"


def test_other_parameters_under_the_same_key_are_a_mismatch(standin, context, customer):
    UPDATE.execute({"customer": customer, "metadata": tier("VIP")}, context)
    with pytest.raises(KeyMismatch) as caught:
        UPDATE.execute({"customer": customer, "metadata": tier("Gold")}, context)
    assert caught.value.code == "idempotency_mismatch"


def look_up(context, **inputs):
    return UPDATE.look_up(UPDATE.clean(inputs), context)


@pytest.mark.parametrize(
    "inputs",
    [
        {"metadata": tier("VIP")},
        {"metadata": [{"key": "Source", "value": ""}]},
        {"name": "Big spender", "metadata": tier("VIP")},
        {"tax_exempt": "exempt"},
    ],
)
def test_is_found_done_once_the_customer_has_every_value(standin, context, customer, inputs):
    assert look_up(context, customer=customer, **inputs) == NotFound()
    UPDATE.execute({"customer": customer, **inputs}, context)
    found = look_up(context, customer=customer, **inputs)
    assert isinstance(found, Found)
    assert found.outputs["id"] == customer


@pytest.fixture
def another(make_context):
    """The context of another step."""
    return make_context(idempotency_key="of another step")


def test_one_value_that_differs_is_not_done(standin, context, another, customer):
    UPDATE.execute({"customer": customer, "metadata": tier("VIP")}, another)
    assert look_up(context, customer=customer, metadata=tier("VIP"), name="Big spender") == NotFound()


@pytest.mark.parametrize("called_after", [0, -3600, None], ids=["now", "at a later try", "unknown"])
def test_what_somebody_has_changed_since_is_found_done_by_its_event(
    monkeypatch, standin, context, make_context, customer, called_after
):
    monkeypatch.setattr("stripeflow.actions.caused_events._PAGE", 5)
    called_at = 0.0 if called_after is None else time.time() + called_after
    UPDATE.execute({"customer": customer, "metadata": tier("VIP")}, context)
    for number in range(12):
        other = make_context(idempotency_key=f"of another {number}")
        UPDATE.execute({"customer": customer, "metadata": tier(f"Gold {number}")}, other)
    found = look_up(replace(context, called_at=called_at), customer=customer, metadata=tier("VIP"))
    assert isinstance(found, Found)
    assert found.outputs["metadata"]["Tier"] == "Gold 11"


def test_soon_after_the_call_events_are_found_however_many_have_come_since(
    monkeypatch, standin, context, another, customer
):
    monkeypatch.setattr("stripeflow.actions.caused_events._MOST_PAGES", 1)
    monkeypatch.setattr("stripeflow.actions.caused_events._PAGE", 1)
    monkeypatch.setattr("stripeflow.actions.caused_events._SKEW_SECONDS", 0)
    lost = replace(context, called_at=time.time())
    UPDATE.execute({"customer": customer, "metadata": tier("VIP")}, context)
    standin.advance_clock(3600)
    UPDATE.execute({"customer": customer, "metadata": tier("Gold")}, another)
    assert isinstance(look_up(lost, customer=customer, metadata=tier("VIP")), Found)
    early = replace(context, called_at=time.time() - 600)
    assert look_up(early, customer=customer, metadata=tier("VIP")) == NotFound()


@pytest.mark.parametrize("at", [0, 15, 70, 3000])
def test_a_repeat_is_found_whenever_it_came(monkeypatch, standin, context, make_context, customer, at):
    monkeypatch.setattr("stripeflow.actions.caused_events._PAGE", 1)
    lost = replace(context, called_at=time.time())

    def set_by_another(value):
        other = make_context(idempotency_key=f"of {value}")
        UPDATE.execute({"customer": customer, "metadata": tier(value)}, other)

    set_by_another("Silver")
    standin.advance_clock(at)
    UPDATE.execute({"customer": customer, "metadata": tier("VIP")}, context)
    set_by_another("Gold")
    monkeypatch.setattr("stripeflow.actions.caused_events._SKEW_SECONDS", at + 100)
    assert isinstance(look_up(lost, customer=customer, metadata=tier("VIP")), Found)


@pytest.fixture
def slow_events(monkeypatch, standin, settings, context, another, customer):
    """The event that would be found is on the third page, and each page takes more than half of the time."""
    UPDATE.execute({"customer": customer, "metadata": tier("VIP")}, context)
    for value in ("Gold", "Silver"):
        UPDATE.execute(
            {"customer": customer, "metadata": tier(value)}, replace(another, idempotency_key=f"of {value}")
        )
    monkeypatch.setattr("stripeflow.actions.caused_events._PAGE", 1)
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "STRIPE_TIMEOUT_SECONDS": 4}
    standin.faults("latency", path="/v1/events", seconds=1.2)


@pytest.mark.usefixtures("slow_events")
def test_where_events_come_too_slowly_it_is_looked_up_again_later(context, customer):
    with pytest.raises(TransientError) as caught:
        look_up(context, customer=customer, metadata=tier("VIP"))
    assert caught.value.code == "slow_list"


@pytest.mark.usefixtures("slow_events")
def test_where_enough_events_were_seen_the_time_ends_it(monkeypatch, context, customer):
    monkeypatch.setattr("stripeflow.actions.caused_events._ENOUGH_PAGES", 1)
    assert look_up(context, customer=customer, metadata=tier("VIP")) == NotFound()


def test_a_key_that_may_not_read_events_tells_by_the_values_alone(standin, context, another, customer):
    UPDATE.execute({"customer": customer, "metadata": tier("VIP")}, context)
    UPDATE.execute({"customer": customer, "metadata": tier("Gold")}, another)
    standin.faults("error_before", method="GET", path="/v1/events", status=403)
    assert look_up(context, customer=customer, metadata=tier("VIP")) == NotFound()


def test_a_customer_that_was_deleted_tells_nothing(monkeypatch, context):
    stub = {"id": "cus_1", "object": "customer", "deleted": True}
    monkeypatch.setattr("stripeflow.actions.stripe_client.call", lambda *_, **__: stub)
    unclear = look_up(context, customer="cus_1", metadata=tier("VIP"))
    assert unclear == Unclear("The customer cus_1 was deleted meanwhile.")


def test_a_customer_that_never_was_is_not_changed(standin, context):
    assert look_up(context, customer="cus_nobody", metadata=tier("VIP")) == NotFound()


def test_a_customer_whom_stripe_refuses_to_show_tells_nothing(standin, context, customer):
    standin.faults("error_before", method="GET", path="/v1/customers", status=403)
    with pytest.raises(PermanentError):
        look_up(context, customer=customer, metadata=tier("VIP"))


def test_an_invoice_number_is_never_set_back(standin, context, customer):
    assert isinstance(look_up(context, customer=customer, next_invoice_sequence=7), Unclear)


def test_a_look_up_writes_nothing(standin, context, customer):
    look_up(context, customer=customer, metadata=tier("VIP"))
    assert {request["method"] for request in standin.requests(path="/v1/")} == {"GET"}
