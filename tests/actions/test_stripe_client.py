import logging
import threading
import time

import pytest
import stripe

from stripeflow.actions import stripe_client
from stripeflow.actions.errors import (
    AuthenticationFailed,
    Forbidden,
    KeyMismatch,
    PermanentError,
    ReplayedError,
    TransientError,
    UnknownOutcome,
)
from stripeflow.actions.wording import public_of


def refused(status, *, kind=stripe.APIError, headers=None, **error):
    body = {"error": {"message": "Stripe says so.", **error}}
    return kind("Stripe says so.", http_status=status, json_body=body, headers=headers or {})


def declined():
    return stripe.CardError("Declined.", "amount", "card_declined", http_status=402)


def invalid(status=400):
    return stripe.InvalidRequestError("No such charge.", "charge", "resource_missing", http_status=status)


def wait_for_request(standin, path):
    """Until the stand-in has written down a request nobody waits for any more; the next test begins empty."""
    deadline = time.monotonic() + 20
    while not standin.requests(path=path):
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


REPLAYED = {"idempotent-replayed": "true"}
RATE = refused(429, kind=stripe.RateLimitError)
IN_FLIGHT = refused(409, code="idempotency_key_in_use", type="idempotency_error")


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (invalid(), PermanentError, "invalid_request"),
        (invalid(404), PermanentError, "not_found"),
        (declined(), PermanentError, "card_error"),
        (refused(400, kind=stripe.IdempotencyError), KeyMismatch, "idempotency_mismatch"),
        (refused(401, kind=stripe.AuthenticationError), AuthenticationFailed, "authentication_failed"),
        (refused(403, kind=stripe.PermissionError), Forbidden, "forbidden"),
        (refused(405), PermanentError, "stripe_error"),
        (RATE, TransientError, "rate_limited"),
        (refused(409), TransientError, "conflict"),
    ],
)
def test_answers_that_settle_the_matter(error, kind, code, writes):
    failure = stripe_client.translated(error, writes=writes)
    assert (type(failure), failure.code) == (kind, code)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (stripe.APIConnectionError("Timed out."), "connection_error"),
        (refused(500), "stripe_unavailable"),
        (refused(502), "stripe_unavailable"),
        (refused(503), "stripe_unavailable"),
        (refused(504), "stripe_unavailable"),
        (refused(200), "stripe_unavailable"),
    ],
)
@pytest.mark.parametrize(("writes", "kind"), [(True, UnknownOutcome), (False, TransientError)])
def test_a_lost_answer_is_unknown_only_where_something_was_written(error, code, writes, kind):
    failure = stripe_client.translated(error, writes=writes)
    assert (type(failure), failure.code) == (kind, code)


@pytest.mark.parametrize(
    ("writes", "kind", "code"), [(True, UnknownOutcome, "in_flight"), (False, TransientError, "conflict")]
)
def test_a_key_in_flight_leaves_the_outcome_open(writes, kind, code):
    failure = stripe_client.translated(IN_FLIGHT, writes=writes)
    assert (type(failure), failure.code) == (kind, code)


@pytest.mark.parametrize(
    ("error", "writes", "kind"),
    [
        (refused(500, headers=REPLAYED), True, ReplayedError),
        (refused(503, headers=REPLAYED), True, ReplayedError),
        (refused(500, headers=REPLAYED), False, TransientError),
        (refused(500, headers={"idempotent-replayed": "false"}), True, UnknownOutcome),
        (refused(402, kind=stripe.APIError, headers=REPLAYED), True, PermanentError),
    ],
)
def test_an_error_of_its_own_that_stripe_replays_is_reported_by_a_header(error, writes, kind):
    assert type(stripe_client.translated(error, writes=writes)) is kind


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("", None), ("soon", None), ("-1", None)])
def test_a_rate_limit_may_say_when_to_come_back(header, seconds):
    error = refused(429, kind=stripe.RateLimitError, headers={"retry-after": header})
    assert stripe_client.translated(error, writes=True).retry_after == seconds


def test_the_message_holds_stripes_words_and_the_request():
    error = refused(400, kind=stripe.IdempotencyError, headers={"request-id": "req_9"})
    message = stripe_client.translated(error, writes=True).message
    assert message == "The idempotency key was used before with other parameters: Stripe says so (req_9)."


def test_the_message_holds_no_secret():
    error = stripe.AuthenticationError("Invalid API Key provided: sk_test_51HxYz", http_status=401)
    message = stripe_client.translated(error, writes=True).message
    assert message == "Stripe refused the API key: Invalid API Key provided: sk_…."


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 429, 500])
def test_stripes_words_are_values_and_its_code_is_not(status):
    error = stripe.InvalidRequestError(
        "No such charge: 'Jane'", "charge", code="resource_missing", http_status=status
    )
    failure = stripe_client.translated(error, writes=True)
    assert "Jane" in failure.message
    assert public_of(failure.message).endswith(": resource_missing.")
    assert "Jane" not in public_of(failure.message)


def test_a_code_of_stripe_that_looks_like_none_is_not_reported_either():
    error = stripe.InvalidRequestError("No.", "charge", code="Jane Doe", http_status=400)
    assert public_of(stripe_client.translated(error, writes=True).message) == "Stripe refused the call."


def test_details_carry_stripes_own_code_for_the_history():
    assert stripe_client.translated(invalid(404), writes=True).details == {
        "status": 404,
        "stripe_code": "resource_missing",
        "param": "charge",
    }


@pytest.mark.parametrize(
    ("livemode", "name"), [(False, "STRIPE_TEST_SECRET_KEY"), (True, "STRIPE_LIVE_SECRET_KEY")]
)
def test_a_missing_key_is_named(settings, livemode, name):
    settings.STRIPE_TEST_SECRET_KEY = settings.STRIPE_LIVE_SECRET_KEY = ""
    with pytest.raises(AuthenticationFailed, match=f"{name} is empty") as caught:
        stripe_client.secret_key(livemode=livemode)
    assert caught.value.code == "no_api_key"


def test_each_mode_has_its_own_key(settings):
    settings.STRIPE_TEST_SECRET_KEY, settings.STRIPE_LIVE_SECRET_KEY = "sk_test_a", "rk_live_b"
    assert stripe_client.secret_key(livemode=False) == "sk_test_a"
    assert stripe_client.secret_key(livemode=True) == "rk_live_b"


@pytest.mark.parametrize(
    ("livemode", "key"), [(False, "sk_live_x"), (True, "sk_test_x"), (True, "rk_test_x")]
)
def test_a_key_of_the_other_mode_is_refused(settings, livemode, key):
    settings.STRIPE_TEST_SECRET_KEY = settings.STRIPE_LIVE_SECRET_KEY = key
    with pytest.raises(AuthenticationFailed, match="other mode") as caught:
        stripe_client.secret_key(livemode=livemode)
    assert key not in caught.value.message


def test_an_answer_is_plain_json(standin, context):
    charge = standin.payment(1_499)["charge"]
    answer = stripe_client.call(
        context, lambda client: client.v1.charges.retrieve(charge["id"]), writes=False
    )
    assert type(answer) is dict
    assert type(answer["metadata"]) is dict
    assert answer["amount"] == 1_499


def test_the_sdk_does_not_repeat_by_itself(standin, context):
    standin.faults("error_before", path="/v1/charges", status=503)
    with pytest.raises(TransientError):
        stripe_client.call(context, lambda client: client.v1.charges.retrieve("ch_1"), writes=False)
    assert len(standin.requests(path="/v1/charges")) == 1


def test_a_slow_answer_is_given_up(standin, context, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "STRIPE_TIMEOUT_SECONDS": 0.4}
    standin.faults("latency", path="/v1/charges", seconds=1.0, count=1)
    with pytest.raises(TransientError) as caught:
        stripe_client.call(context, lambda client: client.v1.charges.retrieve("ch_1"), writes=False)
    assert caught.value.code == "connection_error"
    wait_for_request(standin, "/v1/charges")


def test_calls_name_the_connected_account(standin, make_context):
    with pytest.raises(PermanentError):
        stripe_client.call(
            make_context(account="acct_other"),
            lambda client: client.v1.charges.retrieve("ch_1"),
            writes=False,
        )
    assert standin.requests(path="/v1/charges")[0]["account"] == "acct_other"


def test_calls_name_an_account_within_an_organization_by_its_path(standin, make_context):
    client = stripe_client.client(make_context(account="acct_1/acct_2"))
    options = client._requestor._options
    assert (str(options.stripe_context), options.stripe_account) == ("acct_1/acct_2", None)


def test_a_wrong_key_fails_authentication(standin, context, settings):
    settings.STRIPE_TEST_SECRET_KEY = "sk_test_wrong_and_secret"
    with pytest.raises(AuthenticationFailed) as caught:
        stripe_client.call(context, lambda client: client.v1.charges.retrieve("ch_1"), writes=False)
    assert "wrong_and_secret" not in str(caught.value)


def test_a_failure_is_logged_without_words_of_stripe(standin, context, caplog):
    with caplog.at_level(logging.WARNING, "stripeflow.actions"), pytest.raises(PermanentError):
        stripe_client.call(context, lambda client: client.v1.charges.retrieve("ch_none"), writes=False)
    record = next(record for record in caplog.records if record.msg == "actions.stripe.failed")
    assert (record.run, record.step, record.code) == (context.run_id, "refund", "not_found")
