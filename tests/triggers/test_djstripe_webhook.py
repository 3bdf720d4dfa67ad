"""A project that has dj-stripe's own webhook, and handlers of its own: nothing of ours may silence them."""

from datetime import timedelta

import pytest
import stripe
from django.test import Client
from django.urls import include, path, reverse
from django.utils import timezone
from djstripe import models as djstripe
from djstripe.signals import WEBHOOK_SIGNALS

from stripeflow.triggers import checks, djstripe_webhook, mirror, reconcile
from stripeflow.triggers.event_listing import Listing
from stripeflow.triggers.models import Event, MirrorState
from stripeflow_site.standin import payloads
from stripeflow_site.standin.driver import Standin
from tests.triggers.fake_stripe import FakeStripe, serving
from tests.triggers.stripe_events import as_json, signed

KEY = "sk_test_" + "d" * 24
OURS = "stripeflow_triggers:webhook"
DJSTRIPES = "djstripe:djstripe_webhook_by_uuid"

urlpatterns = [path("hooks/", include([path("deep/", include("djstripe.urls", namespace="other"))]))]


@pytest.fixture
def customer():
    return payloads.customer(id="cus_1")


@pytest.fixture
def event(customer):
    return payloads.event("customer.updated", customer, id="evt_1", created=1_700_000_000)


@pytest.fixture
def host(settings):
    """The project's handler: `host.broken` decides whether it works, `host.seen` holds what it saw."""
    settings.STRIPE_TEST_SECRET_KEY = KEY
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MIRROR": "on"}

    class Host:
        broken = True
        seen: list[str] = []

        def __init__(self):
            self.seen = []

    found = Host()

    def pay_out(sender, event, **kwargs):
        if found.broken:
            raise RuntimeError("The host's own fault.")
        found.seen.append(event.id)

    # As dj-stripe's decorator does, whose own receiver could not be taken off again.
    WEBHOOK_SIGNALS["customer.updated"].connect(pay_out)
    yield found
    assert WEBHOOK_SIGNALS["customer.updated"].disconnect(pay_out)


@pytest.fixture
def fake(monkeypatch, customer):
    objects = {"/v1/account": payloads.account(), "/v1/customers/cus_1": customer}
    with serving(FakeStripe(objects=objects)) as fake:
        monkeypatch.setattr(stripe, "api_base", fake.url)
        yield fake


@pytest.fixture
def deliver(endpoint):
    def deliver(payload, name):
        body = as_json(payload)
        address = reverse(name, args=[endpoint.djstripe_uuid])
        client = Client(raise_request_exception=False)
        headers = {"Stripe-Signature": signed(body)}
        return client.post(address, body, content_type="application/json", headers=headers).status_code

    return deliver


def work_off():
    """The mirror, as a worker does it."""
    for pk in Event.objects.mirror_due(timezone.now()).values_list("pk", flat=True):
        assert mirror.mirror(pk) is True


mounted = pytest.mark.urls("tests.triggers.urls")


@mounted
@pytest.mark.django_db
def test_a_failed_delivery_is_handled_when_it_comes_again_although_ours_had_it_meanwhile(
    host, fake, deliver, event, handled, rung
):
    assert deliver(event, DJSTRIPES) == 500
    assert deliver(event, OURS) == 200
    work_off()
    assert Event.objects.get().mirror_state == MirrorState.DONE
    assert djstripe.Customer.objects.filter(id="cus_1").exists()
    host.broken = False
    assert deliver(event, DJSTRIPES) == 200
    assert host.seen == ["evt_1"]
    assert Event.objects.get().matched_at is not None


@mounted
@pytest.mark.django_db
def test_a_failed_delivery_is_handled_when_it_comes_again(host, fake, deliver, event, handled, rung):
    assert deliver(event, DJSTRIPES) == 500
    assert not Event.objects.exists()
    host.broken = False
    assert deliver(event, DJSTRIPES) == 200
    assert host.seen == ["evt_1"]
    assert Event.objects.get().matched_at is not None


@pytest.fixture(scope="module")
def standin(tmp_path_factory):
    ledger = tmp_path_factory.mktemp("standin") / "ledger.jsonl"
    with Standin.start(ledger=ledger, api_key=KEY) as standin:
        yield standin


@mounted
@pytest.mark.django_db
def test_a_failed_delivery_is_handled_when_it_comes_again_although_a_reconciliation_came_by(
    host, fake, deliver, standin, settings, handled, rung
):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "STRIPE_API_BASE": standin.url}
    event = standin.event("customer.updated", payloads.customer(id="cus_1"))
    assert deliver(event, DJSTRIPES) == 500
    found = reconcile.reconcile(Listing(livemode=False), since=timezone.now() - timedelta(hours=1))
    assert found.counts.new == 1
    work_off()
    host.broken = False
    assert deliver(event, DJSTRIPES) == 200
    assert host.seen == [event["id"]]
    assert Event.objects.get().matched_at is not None


@mounted
@pytest.mark.django_db
def test_what_came_to_ours_first_is_handled_too(host, fake, deliver, event, rung):
    host.broken = False
    assert deliver(event, OURS) == 200
    work_off()
    assert deliver(event, DJSTRIPES) == 200
    assert host.seen == ["evt_1"]


@pytest.mark.parametrize(
    ("urlconf", "found"),
    [
        ("tests.triggers.urls", True),
        ("tests.triggers.test_djstripe_webhook", True),
        ("stripeflow.triggers.urls", False),
    ],
)
def test_djstripes_webhook_is_found_under_whatever_name(settings, urlconf, found):
    settings.ROOT_URLCONF = urlconf
    assert djstripe_webhook.is_mounted() is found


def test_the_projects_handlers_are_known_and_djstripes_own_are_not(host):
    (name,) = djstripe_webhook.handlers()
    assert name.endswith("pay_out")


@pytest.mark.urls("stripeflow.triggers.urls")
@pytest.mark.parametrize(("mirrors", "found"), [("on", ["stripeflow.E004"]), ("objects", []), ("off", [])])
def test_handlers_that_the_mirror_would_silence_are_an_error(host, settings, mirrors, found):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MIRROR": mirrors}
    messages = checks.check_silenced_handlers(None)
    assert [message.id for message in messages] == found
    assert all("pay_out" in message.msg for message in messages)


@mounted
def test_handlers_beside_djstripes_webhook_are_fine(host):
    assert checks.check_silenced_handlers(None) == []


@pytest.mark.urls("stripeflow.triggers.urls")
def test_no_handlers_are_fine():
    assert checks.check_silenced_handlers(None) == []
