import base64
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from stripeflow.workflows.destinations.signing import headers_of, new_secret

BODY = '{"type":"run.failed","ü":1}'.encode()


def signed(*secrets, at=None, body=BODY):
    return headers_of("msg_1", int(at or time.time()), body, secrets)


def test_a_secret_has_as_many_bytes_as_the_specification_asks_for():
    secret = new_secret()
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"))) <= 64
    assert secret != new_secret()


def test_the_library_of_the_specification_verifies_it():
    secret = new_secret()
    assert Webhook(secret).verify(BODY, signed(secret))["type"] == "run.failed"


def test_each_secret_verifies_it_while_two_of_them_sign():
    secrets = new_secret(), new_secret()
    for secret in secrets:
        Webhook(secret).verify(BODY, signed(*secrets))


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(lambda: signed(new_secret()), id="another secret"),
        pytest.param(lambda: signed(SECRET, body=BODY + b" "), id="another body"),
        pytest.param(lambda: signed(SECRET, at=time.time() - 3600), id="an old time"),
        pytest.param(lambda: {**signed(SECRET), "webhook-id": "msg_2"}, id="another id"),
    ],
)
def test_the_library_refuses(headers):
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers())


SECRET = new_secret()
