import pytest
import stripe


@pytest.fixture
def charge(standin):
    return standin.payment(5000)["charge"]


def refused(api, **params):
    with pytest.raises(stripe.InvalidRequestError) as raised:
        api.refunds.create(params)
    assert raised.value.http_status == 400
    return raised.value


def test_refund_without_an_amount_gives_all_back(api, charge):
    assert api.refunds.create({"charge": charge["id"]}).amount == 5000


def test_refund_by_payment_intent(api, charge):
    assert api.refunds.create({"payment_intent": charge["payment_intent"]}).charge == charge["id"]


def test_partial_refund_leaves_the_rest(api, charge):
    api.refunds.create({"charge": charge["id"], "amount": 2000})

    left = api.charges.retrieve(charge["id"])
    assert (left.amount_refunded, left.refunded) == (2000, False)


def test_refunds_that_add_up_make_the_charge_refunded(api, charge):
    api.refunds.create({"charge": charge["id"], "amount": 2000})
    api.refunds.create({"charge": charge["id"], "amount": 3000})

    assert api.charges.retrieve(charge["id"]).refunded is True


def test_refund_of_a_refunded_charge_is_refused(api, charge):
    api.refunds.create({"charge": charge["id"]})

    assert refused(api, charge=charge["id"]).code == "charge_already_refunded"


def test_refund_of_more_than_the_charge_is_refused(api, charge):
    error = refused(api, charge=charge["id"], amount=5001)

    assert error.user_message == "Refund amount ($50.01) is greater than charge amount ($50.00)"
    assert error.param == "amount"


def test_refund_of_more_than_is_left_is_refused(api, charge):
    api.refunds.create({"charge": charge["id"], "amount": 2000})

    error = refused(api, charge=charge["id"], amount=3001)

    assert "($30.01) is greater than unrefunded amount on charge ($30.00)" in error.user_message


def test_refused_refund_changes_nothing(api, charge, standin):
    refused(api, charge=charge["id"], amount=5001)

    assert standin.effects("refund.created") == []
    assert standin.object(charge["id"])["amount_refunded"] == 0


def test_refund_of_a_disputed_charge_is_refused(api, standin):
    disputed = standin.payment(5000, charge={"disputed": True})["charge"]

    assert refused(api, charge=disputed["id"]).code == "charge_disputed"


def test_refund_needs_a_charge_or_payment_intent(api):
    assert "payment_intent or charge" in refused(api, amount=5).user_message


def test_refund_of_a_charge_of_another_payment_is_refused(api, charge, standin):
    other = standin.payment(1000)["payment_intent"]

    assert "does not belong" in refused(api, charge=charge["id"], payment_intent=other["id"]).user_message


@pytest.mark.parametrize("amount", [0, -1])
def test_amount_is_at_least_one(api, charge, amount):
    assert refused(api, charge=charge["id"], amount=amount).param == "amount"


def test_reason_is_one_of_three(api, charge):
    assert "must be one of duplicate" in refused(api, charge=charge["id"], reason="because").user_message


def test_email_for_instructions_is_refused_for_cards(api, charge):
    error = refused(api, charge=charge["id"], instructions_email="a@example.com")

    assert error.param == "instructions_email"


@pytest.mark.parametrize(
    "param", [{"currency": "usd"}, {"customer": "cus_1"}, {"origin": "customer_balance"}]
)
def test_what_belongs_to_cash_balances_is_refused(api, charge, param):
    assert "cash balance" in refused(api, charge=charge["id"], **param).user_message


def test_unknown_charge_is_404(api):
    with pytest.raises(stripe.InvalidRequestError) as raised:
        api.refunds.create({"charge": "ch_none"})

    assert (raised.value.http_status, raised.value.param) == (404, "charge")


def test_refund_makes_its_events_with_the_key(api, charge, standin):
    api.refunds.create({"charge": charge["id"], "amount": 2000}, {"idempotency_key": "the-key"})

    created, refunded = standin.events()[-2:]
    assert (created["type"], refunded["type"]) == ("refund.created", "charge.refunded")
    assert refunded["data"]["previous_attributes"] == {"amount_refunded": 0}
    assert {created["request"]["idempotency_key"], refunded["request"]["idempotency_key"]} == {"the-key"}


def test_refund_is_an_effect_in_the_ledger(api, charge, standin):
    refund = api.refunds.create({"charge": charge["id"], "amount": 2000}, {"idempotency_key": "the-key"})

    [effect] = standin.effects("refund.created")
    assert (effect["id"], effect["charge"], effect["idempotency_key"]) == (refund.id, charge["id"], "the-key")
    assert effect["data"]["amount"] == 2000


def test_refunds_are_listed_by_charge(api, charge, standin):
    refund = api.refunds.create({"charge": charge["id"], "amount": 1})
    api.refunds.create({"charge": standin.payment(1000)["charge"]["id"]})

    assert [item.id for item in api.refunds.list({"charge": charge["id"]}).data] == [refund.id]


def test_metadata_of_a_refund_is_kept(api, charge):
    refund = api.refunds.create({"charge": charge["id"], "metadata": {"stripeflow_run": "r"}})

    assert api.refunds.retrieve(refund.id).metadata["stripeflow_run"] == "r"


def test_yen_is_written_without_minor_units(api, standin):
    charge = standin.payment(5000, "jpy")["charge"]

    assert "¥5,001" in refused(api, charge=charge["id"], amount=5001).user_message
