import pytest
import stripe

from stripeflow.triggers.signature import InvalidSignature, verify

NOW = 1_700_000_000
BODY = '{"id": "evt_1", "name": "Zoë"}'


def check(header, *, body=BODY, secret="whsec_1", now=NOW):
    verify(body.encode(), header=header, secret=secret, tolerance=300, now=now)


def sign(*, secret="whsec_1", timestamp=NOW):
    return stripe.WebhookSignature.generate_signature_header(BODY, secret, timestamp)


def test_accepts_what_the_sdk_signs():
    check(sign())


def test_accepts_any_of_several_signatures():
    other = sign(secret="whsec_rolled").partition("v1=")[2]
    check(f"t={NOW},v1={other},v0=abc,{sign().partition(',')[2]}")


@pytest.mark.parametrize("distance", [-300, 300])
def test_accepts_a_time_at_the_edge_of_the_tolerance(distance):
    check(sign(timestamp=NOW + distance))


@pytest.mark.parametrize("distance", [-301, 301, -(10**8), 10**9])
def test_refuses_a_time_too_far_from_now(distance):
    with pytest.raises(InvalidSignature, match="clock"):
        check(sign(timestamp=NOW + distance))


def test_refuses_another_secret():
    with pytest.raises(InvalidSignature, match="does not fit"):
        check(sign(secret="whsec_other"))


def test_refuses_another_body():
    with pytest.raises(InvalidSignature, match="does not fit"):
        check(sign(), body=BODY + " ")


def test_refuses_an_empty_secret_even_if_signed_with_it():
    with pytest.raises(InvalidSignature, match="no signing secret"):
        check(sign(secret=""), secret="")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        "t=,v1=",
        f"t={NOW}",
        "v1=" + "a" * 64,
        f"t={NOW},v1=é" + "a" * 63,
        f"t={NOW},v0=" + "a" * 64,
        "t=٣,v1=" + "a" * 64,
        f"t={'9' * 5000},v1=" + "a" * 64,
        f"t=-{NOW},v1=" + "a" * 64,
        "=,=,=",
        "\x00",
    ],
)
def test_refuses_a_malformed_header(header):
    with pytest.raises(InvalidSignature, match="missing or malformed"):
        check(header)
