import pytest

from stripeflow.actions.dashboard import Dashboard, is_stripe_id


@pytest.mark.parametrize(
    ("livemode", "account", "stripe_id", "url"),
    [
        (False, "", "pi_1AbCdEf", "https://dashboard.stripe.com/test/payments/pi_1AbCdEf"),
        (True, "", "cus_1AbCdEf", "https://dashboard.stripe.com/customers/cus_1AbCdEf"),
        (True, "acct_1", "evt_1AbCdEf", "https://dashboard.stripe.com/acct_1/events/evt_1AbCdEf"),
        (False, "acct_1", "ch_1AbCdEf", "https://dashboard.stripe.com/acct_1/test/payments/ch_1AbCdEf"),
        (False, "", "issfr_1AbCdEf", "https://dashboard.stripe.com/test/search?query=issfr_1AbCdEf"),
        (False, "", "made_with_stolen_card", ""),
    ],
)
def test_leads_to_the_objects_page(livemode, account, stripe_id, url):
    assert Dashboard(livemode, account).url(stripe_id) == url


@pytest.mark.parametrize(
    "text", ["", "pi", "fraud_type", "refund_charge", "a b", "pi_1AbCdEf ", "<b>_1234567"]
)
def test_other_texts_are_no_ids(text):
    assert not is_stripe_id(text)


@pytest.mark.parametrize(
    "text", ["pi_3MtwBwLkdIwHu7ix28a3tqPa", "cs_test_a1b2c3d4", "re_1AbCdEf", "ch_rJfcRhcsXmqIfcWGFUjyCziN"]
)
def test_knows_ids(text):
    assert is_stripe_id(text)
