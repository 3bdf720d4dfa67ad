import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from types import SimpleNamespace
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.test import Client, RequestFactory
from django.urls import reverse
from djstripe.models import Account, WebhookEndpoint

from stripeflow.triggers import djstripe_webhook, signing_secrets, views, vouching
from stripeflow.triggers.models import Event
from stripeflow.triggers.sql import sharing
from stripeflow.triggers.views import webhook
from tests.triggers.hostile import HOSTILE_TEXT, STRANGE_BUT_VALID
from tests.triggers.stripe_events import SECRET, as_json, charge_event, signed

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.triggers.urls")]

THIN = {
    "id": "evt_thin",
    "object": "v2.core.event",
    "type": "v1.billing.meter.error_report_triggered",
    "created": "2026-01-01T00:00:00Z",
    "livemode": False,
    "related_object": {"id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1"},
}


@pytest.fixture(autouse=True)
def _queue(rung):
    """Nothing is enqueued here."""


@pytest.fixture
def url(endpoint):
    return reverse("stripeflow_triggers:webhook", args=[endpoint.djstripe_uuid])


def send(url, body, *, signature=None, content_type="application/json", **extra):
    headers = {} if signature is None else {"Stripe-Signature": signature}
    client = Client(enforce_csrf_checks=True)
    return client.generic("POST", url, body, content_type=content_type, headers=headers, **extra)


def send_signed(url, body, **extra):
    return send(url, body, signature=signed(body), **extra)


def test_a_signed_event_is_stored(url, handled):
    body = as_json(charge_event())
    response = send_signed(url, body)
    assert (response.status_code, response.json()) == (200, {"received": True, "event": "evt_1"})
    event = Event.objects.get()
    assert event.raw_body == body
    assert event.payload == charge_event_of(body)
    assert len(handled) == 1


def charge_event_of(body):
    return json.loads(body)


def test_an_encrypted_secret_proves_what_it_has_signed_and_nothing_else(url, settings, monkeypatch):
    monkeypatch.setattr(djstripe_webhook, "is_mounted", lambda: False)
    signing_secrets.rotate()
    assert not WebhookEndpoint.objects.filter(secret=SECRET).exists()
    assert send_signed(url, as_json(charge_event())).status_code == 200
    body = as_json(charge_event())
    by_the_row = signed(body, secret=WebhookEndpoint.objects.get().secret)
    assert send(url, body, signature=by_the_row).status_code == 400
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": [Fernet.generate_key().decode()]}
    assert send_signed(url, as_json(charge_event())).json()["error"]["code"] == "bad_signature"


def test_the_path_is_the_documented_one(url, endpoint):
    assert url == f"/stripe/webhook/{endpoint.djstripe_uuid}/"


def test_a_replay_is_answered_the_same_and_runs_nothing(url, handled):
    body = as_json(charge_event())
    first, second = (
        send_signed(url, body),
        send(url, body, signature=signed(body, timestamp=int(time.time()) - 9)),
    )
    assert first.json() == second.json()
    assert second.status_code == 200
    assert Event.objects.count() == len(handled) == 1


def test_an_event_for_no_handler_is_stored(url):
    assert send_signed(url, as_json(charge_event())).status_code == 200
    assert Event.objects.unmatched().count() == 1


@pytest.mark.parametrize(
    "event", [charge_event(livemode=True), {**THIN, "livemode": True}], ids=["snapshot", "thin"]
)
@pytest.mark.parametrize("account", ["", "acct_other"])
def test_a_live_event_on_a_test_endpoint_is_refused(url, handled, caplog, event, account):
    response = send_signed(url, as_json({**event, "account": account}))
    assert (response.status_code, response.json()["error"]["code"]) == (400, "livemode_mismatch")
    assert "live endpoint" in response.json()["error"]["message"]
    (line,) = [record for record in caplog.records if record.msg == "triggers.webhook.refused"]
    told, address = line.code, line.address
    assert (address, line.endpoint in url) == ("127.0.0.1", True)
    assert told == "livemode_mismatch"
    assert not Event.objects.exists()
    assert handled == []


@pytest.mark.parametrize("livemode", [True, False])
@pytest.mark.parametrize("account", ["", "acct_other"])
def test_a_live_endpoint_takes_events_of_both_modes_as_they_say(url, livemode, account):
    """Stripe sends test events to live Connect endpoints."""
    WebhookEndpoint.objects.update(livemode=True)
    body = as_json(charge_event(livemode=livemode, account=account))
    assert send_signed(url, body).status_code == 200
    assert Event.objects.get().livemode is livemode


@pytest.mark.parametrize("status", ["disabled", ""])
def test_a_disabled_endpoint_takes_nothing(url, status):
    WebhookEndpoint.objects.update(status=status)
    response = send_signed(url, as_json(charge_event()))
    assert (response.status_code, response.json()["error"]["code"]) == (400, "endpoint_disabled")
    assert not Event.objects.exists()


def test_without_the_secret_nobody_learns_that_an_endpoint_is_disabled(url):
    WebhookEndpoint.objects.update(status="disabled")
    body = as_json(charge_event())
    response = send(url, body, signature=signed(body, secret="whsec_other"))
    assert response.json()["error"]["code"] == "bad_signature"


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({}, None),
        ({"account": "acct_own"}, None),
        ({"context": "org_1/acct_own"}, None),
        ({"account": "acct_other"}, "account_mismatch"),
        ({"user_id": "acct_other"}, "account_mismatch"),
        ({"context": "acct_own/acct_other"}, "account_mismatch"),
    ],
)
def test_an_endpoint_that_is_not_one_of_connect_takes_events_of_its_own_account(url, named, code):
    account = Account.objects.create(id="acct_own")
    WebhookEndpoint.objects.update(
        djstripe_owner_account=account, metadata={vouching.ACCOUNTS: vouching.OWN_ACCOUNT_ONLY}
    )
    response = send_signed(url, as_json(charge_event(**named)))
    assert response.json().get("error", {}).get("code") == code
    assert Event.objects.exists() is (code is None)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_not_allowed(url, method):
    response = Client().generic(method, url)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"


def test_an_unknown_endpoint_is_not_found(db):
    url = reverse("stripeflow_triggers:webhook", args=[uuid4()])
    response = send_signed(url, as_json(charge_event()))
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "unknown_endpoint"
    assert not Event.objects.exists()


def test_the_address_without_its_last_slash_takes_deliveries_too(url):
    response = send_signed(url.removesuffix("/"), as_json(charge_event()))
    assert response.status_code == 200
    assert Event.objects.count() == 1


def send_in_chunks(url, body, *, terminated=True):
    client = Client(enforce_csrf_checks=True)
    extra = {"wsgi.input": BytesIO(body.encode()), "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    headers = {"Stripe-Signature": signed(body)}
    marked = {"wsgi.input_terminated": True} if terminated else {}
    return client.generic(
        "POST", url, "", content_type="application/json", headers=headers, **extra, **marked
    )


def test_a_body_in_chunks_is_taken(url):
    body = as_json(charge_event())
    assert send_in_chunks(url, body).status_code == 200
    assert Event.objects.get().raw_body == body


def test_a_body_in_chunks_has_the_same_limit(url, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "WEBHOOK_BODY_LIMIT_BYTES": 100}
    assert send_in_chunks(url, as_json(charge_event())).status_code == 413


def test_a_server_that_leaves_the_chunks_alone_is_reported(url):
    response = send_in_chunks(url, as_json(charge_event()), terminated=False)
    assert (response.status_code, response.json()["error"]["code"]) == (411, "length_required")


def test_a_byte_order_mark_before_the_body_is_passed_over(url):
    assert send_signed(url, "\ufeff" + as_json(charge_event())).status_code == 200


def test_a_url_without_a_uuid_is_not_found(db):
    assert send("/stripe/webhook/x/", "{}").status_code == 404


def test_a_body_over_the_limit_is_too_large(url, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "WEBHOOK_BODY_LIMIT_BYTES": 100}
    assert send_signed(url, as_json(charge_event())).status_code == 413
    assert not Event.objects.exists()


def test_a_body_within_our_limit_passes_below_djangos_own(url, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert send_signed(url, as_json(charge_event())).status_code == 200


def test_a_megabyte_is_the_limit(url):
    filler = charge_event(data={"object": {"id": "ch_1", "object": "charge", "description": "x" * 1_048_576}})
    assert send_signed(url, as_json(filler)).status_code == 413


@pytest.mark.parametrize("distance", [-400, 400])
def test_a_signature_from_another_time_is_refused(url, distance):
    body = as_json(charge_event())
    response = send(url, body, signature=signed(body, timestamp=int(time.time()) + distance))
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_signature"
    assert not Event.objects.exists()


def test_an_endpoint_without_a_secret_refuses_everything(url, endpoint):
    WebhookEndpoint.objects.update(secret="")
    body = as_json(charge_event())
    assert send(url, body, signature=signed(body, secret="")).status_code == 400
    assert not Event.objects.exists()


def test_the_djstripe_debug_header_chooses_nothing(url, settings):
    settings.DEBUG = True
    body = as_json(charge_event())
    response = send(url, body, signature=signed(body, secret="mine"), HTTP_X_DJSTRIPE_WEBHOOK_SECRET="mine")
    assert response.status_code == 400


@pytest.mark.parametrize("body", HOSTILE_TEXT.values(), ids=HOSTILE_TEXT.keys())
@pytest.mark.parametrize("sender", [send, send_signed], ids=["unsigned", "signed"])
def test_a_hostile_body_is_refused_and_leaves_no_row(url, body, sender, handled):
    response = sender(url, body)
    assert response.status_code == 400
    assert set(response.json()["error"]) == {"code", "message"}
    assert not Event.objects.exists()
    assert handled == []


@pytest.mark.parametrize("body", STRANGE_BUT_VALID.values(), ids=STRANGE_BUT_VALID.keys())
def test_a_strange_but_valid_event_is_accepted_if_signed(url, body, handled):
    assert send(url, body).status_code == 400
    assert send_signed(url, body).status_code == 200
    assert Event.objects.get().raw_body == body
    assert len(handled) == 1


def test_signed_bytes_that_are_not_utf8_are_refused(url):
    import hashlib
    import hmac

    body = b'{"id": "\xff\xfe"}'
    now = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    response = send(url, body, signature=f"t={now},v1={digest}")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_body")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "é",
        "t=1,v1=é",
        "t=é,v1=" + "a" * 64,
        "t=1",
        "t=99999999999999999999,v1=" + "a" * 64,
        "\udcff",
        ",,,",
        "=",
    ],
)
def test_a_hostile_signature_is_refused(url, signature):
    body = as_json(charge_event())
    request = RequestFactory().post(url, body, content_type="application/json")
    request.META["HTTP_STRIPE_SIGNATURE"] = signature
    response = webhook(request, uuid=WebhookEndpoint.objects.get().djstripe_uuid)
    assert response.status_code == 400
    assert not Event.objects.exists()


HARMLESS_TYPES = [
    "application/json; charset=bogus",
    "application/json; charset=utf-16",
    "application/json; charset=undefined",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "",
]


@pytest.mark.parametrize("content_type", HARMLESS_TYPES)
def test_the_content_type_changes_nothing(url, content_type):
    body = as_json(charge_event())
    assert send(url, body, content_type=content_type).status_code == 400
    assert send_signed(url, body, content_type=content_type).status_code == 200


def test_an_escaped_nul_in_a_string_is_accepted(url, handled):
    body = as_json(charge_event(data={"object": {"id": "ch_1", "object": "charge", "description": "a\x00b"}}))
    assert "\\u0000" in body
    assert send_signed(url, body).status_code == 200
    event = Event.objects.get()
    assert event.object["description"] == "a\ufffdb"
    assert event.raw_body == body
    assert len(handled) == 1


def test_big_numbers_and_duplicate_keys_are_accepted(url):
    big = 10**4000
    body = as_json(charge_event(data={"object": {"id": "ch_1", "object": "charge", "amount": big}}))
    body = body[:-1] + ', "livemode": true, "livemode": false}'
    assert send_signed(url, body).status_code == 200
    event = Event.objects.get()
    assert (event.object["amount"], event.livemode) == (big, False)


def test_of_two_modes_in_one_body_the_last_one_counts(url):
    body = as_json(charge_event())[:-1] + ', "livemode": false, "livemode": true}'
    assert send_signed(url, body).json()["error"]["code"] == "livemode_mismatch"


def test_a_proxy_header_that_is_no_address_changes_nothing(url):
    body = as_json(charge_event())
    assert send_signed(url, body, HTTP_X_FORWARDED_FOR="unknown").status_code == 200


def test_the_message_says_nothing_about_the_secret(url, caplog):
    with caplog.at_level(logging.DEBUG):
        response = send(url, as_json(charge_event()), signature="t=1,v1=" + "a" * 64)
    assert SECRET not in response.content.decode() + caplog.text


def test_a_failing_handler_is_still_200(url):
    from stripeflow.triggers import inbox

    def fail(event):
        raise ValueError

    with inbox.temporary_handler(fail):
        assert send_signed(url, as_json(charge_event())).status_code == 200
    assert Event.objects.unmatched().count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_commits_by_itself_where_requests_are_atomic(url, settings):
    from django.db import connection

    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        assert webhook._non_atomic_requests == {"default"}
        assert send_signed(url, as_json(charge_event())).status_code == 200
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False


def test_it_needs_no_login(url, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    assert send_signed(url, as_json(charge_event())).status_code == 200


def test_it_makes_no_outbound_call(url, monkeypatch):
    import socket

    def refuse(*args, **kwargs):
        raise AssertionError("An outbound call was made.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert send_signed(url, as_json(charge_event(account="acct_unknown"))).status_code == 200


class Endpoints:
    """Stands in for the table: a query reads it as it begins, and the first one ends when it may."""

    def __init__(self, **secrets):
        self.secrets = secrets
        self.queries = []
        self.has_begun, self.may_end = threading.Event(), threading.Event()
        self.came = threading.Semaphore(0)

    def rows(self, djstripe_uuid):
        is_first = not self.queries
        self.queries.append(djstripe_uuid)
        secret = self.secrets.get(djstripe_uuid)
        if is_first:
            self.has_begun.set()
            assert self.may_end.wait(10)
        return [] if secret is None else [(secret, False, "enabled", None, {})]

    def found(self, *uuids, meanwhile=lambda: None):
        """What each webhook finds; the others come while the query of the first one is under way."""
        with ThreadPoolExecutor(len(uuids)) as pool:
            futures = [pool.submit(views._found, uuids[0])]
            assert self.has_begun.wait(10)
            meanwhile()
            futures += [pool.submit(views._found, uuid) for uuid in uuids[1:]]
            for _uuid in uuids:
                assert self.came.acquire(timeout=10)
            self.may_end.set()
            return [None if row is None else row.secret for row in (future.result(10) for future in futures)]


@pytest.fixture
def endpoints(monkeypatch):
    table = Endpoints(one="secret 1", two="secret 2")
    joined = views._shared._joined
    monkeypatch.setattr(views._shared, "_joined", lambda uuid: (joined(uuid), table.came.release())[0])
    monkeypatch.setattr(views, "_endpoints", table)
    no_transaction = SimpleNamespace(in_atomic_block=False, get_autocommit=lambda: True)
    monkeypatch.setattr(sharing, "connection", no_transaction)
    return table


def test_webhooks_that_wait_share_a_query_and_get_their_own_endpoint(endpoints):
    found = endpoints.found("one", "one", "two", "one", "none", "one")
    assert found == ["secret 1", "secret 1", "secret 2", "secret 1", None, "secret 1"]
    assert sorted(endpoints.queries) == ["none", "one", "one", "two"]


def test_no_webhook_is_checked_with_a_secret_that_was_rolled_before_it_came(endpoints):
    found = endpoints.found("one", "one", "one", meanwhile=lambda: endpoints.secrets.update(one="rolled"))
    assert found == ["secret 1", "rolled", "rolled"]


def test_a_lone_webhook_is_one_query(endpoints):
    endpoints.may_end.set()
    assert (views._found("two").secret, endpoints.queries) == ("secret 2", ["two"])
