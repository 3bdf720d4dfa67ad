"""How a request proves who sends it; each way by an example of its own documentation or RFC."""

import base64
import hashlib
import hmac

import pytest

from stripeflow.actions.connections import auths
from stripeflow.actions.connections.auths import Outgoing

REQUEST = Outgoing("POST", "/orders", {"X-A": "a"}, b'{"a":1}')


def proved(key, secret, **settings):
    auth = auths.find(key)
    return auth.proved(REQUEST, auth.clean(settings), secret, now=1_700_000_000).headers


def test_nothing_is_added_without_a_way():
    assert proved("none", "") == {"X-A": "a"}


def test_a_header_has_the_secret():
    assert proved("header", "swordfish", header="X-Api-Key") == {"X-A": "a", "X-Api-Key": "swordfish"}


def test_a_bearer_token():
    assert proved("bearer", "swordfish")["Authorization"] == "Bearer swordfish"


def test_a_name_and_a_password_as_in_rfc_7617():
    assert proved("basic", "test", username="Aladdin")["Authorization"] == "Basic QWxhZGRpbjp0ZXN0"


def test_a_signature_is_of_the_body():
    digest = hmac.new(b"swordfish", REQUEST.body, hashlib.sha256)
    found = proved("hmac", "swordfish", header="X-Hub-Signature-256", encoding="hex", prefix="sha256=")
    assert found["X-Hub-Signature-256"] == f"sha256={digest.hexdigest()}"


def test_a_signature_may_be_of_the_time_too():
    digest = hmac.new(b"swordfish", b"1700000000." + REQUEST.body, hashlib.sha256)
    found = proved("hmac", "swordfish", header="X-S", encoding="base64", timestamp_header="X-T")
    assert (found["X-T"], found["X-S"]) == ("1700000000", base64.b64encode(digest.digest()).decode())


@pytest.mark.parametrize(
    ("key", "settings"),
    [
        ("none", {"header": "X-A"}),
        ("header", {}),
        ("header", {"header": "Host"}),
        ("header", {"header": "A b"}),
        ("header", {"header": "X-A\r\nX-B"}),
        ("header", {"header": "Cookie"}),
        ("bearer", {"realm": "a"}),
        ("basic", {"username": "a:b"}),
        ("hmac", {"header": "X-S", "encoding": "md5"}),
        ("hmac", {"header": "X-S", "encoding": "hex", "prefix": "a\nb"}),
        ("hmac", {"header": "X-S", "encoding": "hex", "timestamp_header": "Content-Length"}),
    ],
)
def test_settings_that_cannot_be_are_refused(key, settings):
    assert auths.find(key).check(settings)


@pytest.mark.parametrize("secret", ["two\nlines", "é", " blank ", "nul\x00", ""])
def test_what_no_header_can_carry_is_refused(secret):
    for key in ("header", "bearer"):
        fault = auths.find(key).secret_fault(secret)
        assert fault
        assert not secret or secret not in fault


def test_a_key_belongs_to_one_way():
    with pytest.raises(ValueError, match="bearer"):
        auths.register(auths.BearerAuth)
