import pytest
import stripe

KEY = {"idempotency_key": "the-key"}
DAY = 24 * 3600


@pytest.fixture
def charge(standin):
    return standin.payment(5000)["charge"]


def headers(obj):
    return {name.lower(): value for name, value in obj.last_response.headers.items()}


def test_same_key_and_parameters_replay_the_first_result(api, charge, standin):
    params = {"charge": charge["id"], "amount": 100}
    first, second = api.refunds.create(params, KEY), api.refunds.create(params, KEY)

    assert first.id == second.id
    assert len(standin.effects("refund.created")) == 1


def test_replay_says_so(api, charge):
    params = {"charge": charge["id"], "amount": 100}
    first, second = api.refunds.create(params, KEY), api.refunds.create(params, KEY)

    assert "idempotent-replayed" not in headers(first)
    assert headers(second)["idempotent-replayed"] == "true"
    assert headers(second)["original-request"] == first.last_response.request_id


def test_replay_is_recorded_in_the_ledger(api, charge, standin):
    for _ in range(2):
        api.refunds.create({"charge": charge["id"], "amount": 100}, KEY)

    assert [entry["replayed"] for entry in standin.requests(method="POST")] == [False, True]


def test_other_parameters_are_refused(api, charge):
    api.refunds.create({"charge": charge["id"], "amount": 100}, KEY)

    with pytest.raises(stripe.IdempotencyError, match="same parameters") as raised:
        api.refunds.create({"charge": charge["id"], "amount": 101}, KEY)

    assert raised.value.http_status == 400


def test_other_endpoint_is_refused(api, charge):
    api.refunds.create({"charge": charge["id"], "amount": 100}, KEY)

    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        api.customers.create({"name": "A"}, KEY)


def test_order_of_parameters_does_not_matter(api):
    first = api.customers.create({"name": "A", "phone": "1"}, KEY)

    assert api.customers.create({"phone": "1", "name": "A"}, KEY).id == first.id


def test_key_in_flight_is_a_conflict(api, standin, in_thread, until):
    standin.faults("latency", path="/v1/customers", seconds=20, count=1)
    first = in_thread(api.customers.create, {"name": "A"}, KEY)
    until(lambda: standin.active_faults() == [])

    with pytest.raises(stripe.APIError) as raised:
        api.customers.create({"name": "A"}, KEY)

    assert (raised.value.http_status, raised.value.error.code) == (409, "idempotency_key_in_use")
    standin.clear_faults()
    assert first().name == "A"


def test_key_is_forgotten_after_a_day(api, standin):
    first = api.customers.create({"name": "A"}, KEY)
    standin.advance_clock(DAY)

    assert api.customers.create({"name": "A"}, KEY).id != first.id


def test_key_is_kept_for_a_day(api, standin):
    first = api.customers.create({"name": "A"}, KEY)
    standin.advance_clock(DAY - 60)

    assert api.customers.create({"name": "A"}, KEY).id == first.id


def test_refused_parameter_is_not_remembered(api, charge):
    with pytest.raises(stripe.InvalidRequestError):
        api.refunds.create({"charge": charge["id"], "reason": "because"}, KEY)

    assert api.refunds.create({"charge": charge["id"], "reason": "duplicate"}, KEY).status == "succeeded"


def test_executed_refusal_is_remembered(api, charge):
    params = {"charge": charge["id"]}
    api.refunds.create(params)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as raised:
            api.refunds.create(params, KEY)

    assert raised.value.code == "charge_already_refunded"
    assert raised.value.headers["Idempotent-Replayed"] == "true"


def test_stored_500_is_replayed(api, standin):
    standin.faults("error_before", path="/v1/customers", stored=True, count=1)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as raised:
            api.customers.create({"name": "A"}, KEY)

    assert raised.value.http_status == 500
    assert raised.value.headers["Idempotent-Replayed"] == "true"
    assert standin.effects() == []


def test_500_after_the_effect_is_replayed(api, standin):
    standin.faults("error_after", path="/v1/customers", count=1)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            api.customers.create({"name": "A"}, KEY)

    assert len(standin.effects("customer.created")) == 1


def test_502_after_the_effect_hides_a_result_that_is_replayed(api, standin):
    standin.faults("error_after", path="/v1/customers", status=502, stored=False, count=1)
    with pytest.raises(stripe.APIError):
        api.customers.create({"name": "A"}, KEY)

    assert api.customers.create({"name": "A"}, KEY).name == "A"
    assert len(standin.effects("customer.created")) == 1


def test_503_before_the_effect_is_not_remembered(api, standin):
    standin.faults("error_before", path="/v1/customers", status=503, count=1)
    with pytest.raises(stripe.APIError):
        api.customers.create({"name": "A"}, KEY)

    created = api.customers.create({"name": "A"}, KEY)

    assert "idempotent-replayed" not in headers(created)


def test_rate_limit_stands_before_the_key(api, standin):
    api.customers.create({"name": "A"}, KEY)
    standin.faults("rate_limit", path="/v1/customers", count=1)

    with pytest.raises(stripe.RateLimitError):
        api.customers.create({"name": "A"}, KEY)


def test_accounts_have_their_own_keys(api):
    first = api.customers.create({"name": "A"}, KEY)
    second = api.customers.create({"name": "A"}, KEY | {"stripe_account": "acct_1Other"})

    assert first.id != second.id


def test_too_long_a_key_is_refused(api):
    with pytest.raises(stripe.IdempotencyError, match="255"):
        api.customers.create({"name": "A"}, {"idempotency_key": "k" * 256})


def test_concurrent_calls_with_one_key_have_one_effect(api, charge, standin, in_thread):
    def attempt():
        try:
            return api.refunds.create({"charge": charge["id"], "amount": 10}, KEY).id
        except stripe.APIError as error:
            return error.http_status

    waits = [in_thread(attempt) for _ in range(12)]
    results = {wait() for wait in waits}

    assert len(standin.effects("refund.created")) == 1
    assert len(results - {409}) == 1


def test_missing_parameter_is_not_remembered(api, charge):
    with pytest.raises(stripe.InvalidRequestError):
        api.refunds.create({"amount": 5}, KEY)

    assert api.refunds.create({"charge": charge["id"], "amount": 5}, KEY).amount == 5
