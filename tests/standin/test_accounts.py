import base64

import pytest
import stripe


def test_account_of_the_key_is_the_platform(api, standin):
    assert api.accounts.retrieve_current().id == standin.health()["account"]


def test_account_of_a_connected_call_is_that_account(api):
    assert api.accounts.retrieve_current(options={"stripe_account": "acct_1Other"}).id == "acct_1Other"


def test_account_can_be_read_by_its_id(api):
    assert api.accounts.retrieve("acct_1Other").id == "acct_1Other"


@pytest.mark.parametrize("key", ["sk_test_wrong_key_with_some_length", "", "sk"])
def test_wrong_key_is_refused(standin, key):
    client = stripe.StripeClient(key or "x", base_addresses={"api": standin.url}, max_network_retries=0)

    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        client.v1.accounts.retrieve_current()


def test_missing_key_is_refused(http_call):
    status, _, text = http_call("GET", "/v1/account")

    assert status == 401
    assert "You did not provide an API key" in text


def test_basic_authentication_opens_the_api(http_call, standin):
    basic = base64.b64encode(f"{standin.api_key}:".encode()).decode()
    status, _, _ = http_call("GET", "/v1/account", Authorization=f"Basic {basic}")

    assert status == 200


def test_the_key_is_not_in_the_ledger(api, standin):
    api.accounts.retrieve_current()

    assert standin.api_key not in str(standin.ledger())


def test_balance_transaction_of_a_charge_can_be_read(api, standin):
    charge = standin.payment(1000)["charge"]

    transaction = api.balance_transactions.retrieve(charge["balance_transaction"])

    assert (transaction.amount, transaction.source) == (1000, charge["id"])


def test_unknown_url_is_404_in_the_shape_of_stripe(client):
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as raised:
        client.v1.tax_codes.list()

    assert raised.value.http_status == 404
    assert raised.value.request_id.startswith("req_")
