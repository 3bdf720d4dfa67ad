import pytest
from django.urls import reverse
from django.utils import timezone
from djstripe import models as djstripe

from stripeflow.triggers import inbox
from stripeflow.triggers.models import Event, MirrorState
from stripeflow_site.standin import payloads
from tests.triggers.stripe_events import as_json, charge_event, signed

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.triggers.urls")]

KEY = "sk_test_" + "b" * 24


@pytest.fixture(autouse=True)
def _known_account(settings):
    """dj-stripe asks Stripe for nothing if it knows the account of the key."""
    settings.STRIPE_TEST_SECRET_KEY = KEY
    account = djstripe.Account.objects.create(id="acct_1")
    djstripe.APIKey.objects.create(secret=KEY, type="secret", livemode=False, djstripe_owner_account=account)


def post_to_djstripe(client, endpoint, payload):
    body = as_json(payload)
    url = reverse("djstripe:djstripe_webhook_by_uuid", args=[endpoint.djstripe_uuid])
    return client.post(url, body, content_type="application/json", headers={"Stripe-Signature": signed(body)})


def warning_event(**envelope):
    return payloads.event(
        "radar.early_fraud_warning.created",
        payloads.early_fraud_warning(charge="ch_1", id="issfr_1"),
        **{"id": "evt_1", "created": 1_700_000_000, **envelope},
    )


def test_an_event_at_djstripes_own_url_enters_the_inbox(client, endpoint, handled, rung):
    payload = warning_event()
    assert post_to_djstripe(client, endpoint, payload).status_code == 200
    event = Event.objects.get()
    assert event.payload == payload
    assert (event.external_id, event.object_id) == ("evt_1", "issfr_1")
    assert event.mirror_state == MirrorState.OFF
    assert [seen.external_id for seen in handled] == ["evt_1"]
    assert rung.messages == []


def test_a_copy_at_djstripes_own_url_runs_nothing(client, endpoint, handled):
    for _copy in range(3):
        assert post_to_djstripe(client, endpoint, warning_event()).status_code == 200
    assert Event.objects.count() == len(handled) == 1


def test_the_same_event_at_both_urls_is_one(client, endpoint, handled, rung):
    payload = warning_event()
    inbox.accept_stripe(payload, raw_body=as_json(payload))
    assert post_to_djstripe(client, endpoint, payload).status_code == 200
    assert Event.objects.count() == len(handled) == 1


def test_a_bad_signature_at_djstripes_own_url_enters_nothing(client, endpoint):
    url = reverse("djstripe:djstripe_webhook_by_uuid", args=[endpoint.djstripe_uuid])
    response = client.post(
        url,
        as_json(warning_event()),
        content_type="application/json",
        headers={"Stripe-Signature": signed("{}")},
    )
    assert response.status_code == 400
    assert not Event.objects.exists()


def test_a_failing_handler_does_not_fail_djstripe(client, endpoint):
    def fail(event):
        raise ValueError

    with inbox.temporary_handler(fail):
        assert post_to_djstripe(client, endpoint, warning_event()).status_code == 200
    assert djstripe.Event.objects.filter(id="evt_1").exists()
    assert Event.objects.unmatched().count() == 1


def make_row(**fields):
    return djstripe.Event.objects.create(
        **{"id": "evt_1", "type": "charge.succeeded", "data": {}, "livemode": False, **fields}
    )


@pytest.mark.parametrize("stripe_data", [{}, {"id": "evt_1", "object": "event"}, {"object": "charge"}])
def test_a_row_that_is_no_event_is_left_alone(stripe_data, caplog):
    make_row(stripe_data=stripe_data)
    assert not Event.objects.exists()
    assert "triggers.receiver.refused" in caplog.text


def test_saving_a_row_again_starts_nothing(rung):
    row = make_row(stripe_data=charge_event())
    Event.objects.all().delete()
    row.save()
    assert not Event.objects.exists()


def test_a_fixture_starts_nothing():
    row = djstripe.Event(id="evt_1", type="charge.succeeded", data={}, stripe_data=charge_event())
    row.djstripe_created = row.djstripe_updated = timezone.now()
    row.save_base(raw=True, force_insert=True)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("endpoint_is_live", "status", "event_is_live", "taken"),
    [
        (False, "enabled", False, True),
        (False, "enabled", True, False),
        (True, "enabled", True, True),
        (True, "enabled", False, True),
        (True, "disabled", True, False),
    ],
)
def test_an_endpoint_vouches_for_no_more_at_djstripes_own_url(
    client, endpoint, handled, rung, settings, endpoint_is_live, status, event_is_live, taken, caplog
):
    settings.STRIPE_LIVE_SECRET_KEY = "sk_live_" + "b" * 24
    account = djstripe.Account.objects.get()
    endpoint.livemode, endpoint.status, endpoint.djstripe_owner_account = endpoint_is_live, status, account
    endpoint.save()
    response = post_to_djstripe(client, endpoint, warning_event(livemode=event_is_live))
    assert response.status_code == 200  # the host's own webhook stays what it was
    assert Event.objects.exists() is taken
    assert len(handled) == taken
    assert ("triggers.receiver.refused" in caplog.text) is not taken


@pytest.mark.parametrize("status", [None, "disabled", "enabled"])
def test_a_live_row_from_nowhere_needs_a_live_endpoint(status, rung, endpoint):
    if status:
        djstripe.WebhookEndpoint.objects.create(
            id="we_live", enabled_events=["*"], livemode=True, status=status, url="https://a.example/"
        )
    make_row(stripe_data=charge_event(livemode=True))
    assert Event.objects.exists() is (status == "enabled")


def test_a_delivery_that_has_ended_vouches_for_nothing_more(client, endpoint, handled, rung):
    endpoint.livemode = True
    endpoint.save()
    assert post_to_djstripe(client, endpoint, warning_event()).status_code == 200
    djstripe.WebhookEndpoint.objects.all().delete()
    make_row(id="evt_2", stripe_data=charge_event(id="evt_2", livemode=True))
    assert [event.external_id for event in handled] == ["evt_1"]


@pytest.mark.filterwarnings("ignore:WEBHOOK VALIDATION is disabled")
def test_what_djstripe_takes_unproved_starts_nothing(client, endpoint, handled, caplog):
    endpoint.djstripe_validation_method = "none"
    endpoint.save()
    assert post_to_djstripe(client, endpoint, warning_event()).status_code == 200
    assert djstripe.Event.objects.exists()  # the host's own webhook stays what it was
    make_row(id="evt_2", stripe_data=charge_event(id="evt_2"))  # may be of such a delivery, in a task
    assert (Event.objects.exists(), handled) == (False, [])
    assert "triggers.receiver.refused" in caplog.text


def test_a_secret_that_came_with_the_delivery_proves_nothing(client, endpoint, handled, settings):
    settings.DEBUG = True
    body = as_json(warning_event())
    url = reverse("djstripe:djstripe_webhook_by_uuid", args=[endpoint.djstripe_uuid])
    headers = {
        "Stripe-Signature": signed(body, secret="whsec_of_a_stranger"),
        "X-Djstripe-Webhook-Secret": "whsec_of_a_stranger",
    }
    assert client.post(url, body, content_type="application/json", headers=headers).status_code == 200
    assert djstripe.Event.objects.exists()
    assert (Event.objects.exists(), handled) == (False, [])
