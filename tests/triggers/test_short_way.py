from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from stripeflow.triggers import inbox, views
from stripeflow.triggers.models import Event
from tests.triggers.stripe_events import as_json, charge_event, signed

pytestmark = pytest.mark.django_db

SHORT = "stripeflow.triggers.short_way.WebhookMiddleware"
HERE = "tests.triggers.test_short_way"


def for_people(get_response):
    def refuse(request):
        raise AssertionError(f"{request.path} came this way.")

    return refuse


@pytest.fixture
def url(endpoint, queue):
    return reverse("stripeflow_triggers:webhook", args=[endpoint.djstripe_uuid])


@pytest.fixture
def alone(settings):
    """Whatever is not answered by the middleware itself is an error."""
    settings.MIDDLEWARE = [SHORT, f"{HERE}.for_people"]


def send(client, url, **extra):
    body = as_json(charge_event())
    return client.generic(
        "POST",
        url,
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signed(body)},
        **extra,
    )


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("end", ["/", ""])
def test_a_webhook_passes_by_the_middleware_for_people(client, url, end):
    response = send(client, url.rstrip("/") + end)
    assert (response.status_code, response.json()["event"]) == (200, "evt_1")
    assert Event.objects.count() == 1


@pytest.mark.usefixtures("alone")
def test_its_answers_say_their_length(client, url):
    """Or a server has to end the connection, or to send them in chunks."""
    for response in (send(client, url), client.get(url), send(client, f"/stripe/webhook/{uuid4()}/")):
        assert int(response.headers["Content-Length"]) == len(response.content)


@pytest.mark.usefixtures("alone")
def test_an_unknown_endpoint_is_refused_as_ever(client, queue):
    response = send(client, f"/stripe/webhook/{uuid4()}/")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_endpoint")


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "path",
    ["/admin/", "/", "/stripe/webhook/none/", "/admin/stripe/webhook/6b0f5f0e-7f0a-4c3e-9a43-0f1f3a7d6c11/"],
)
def test_every_other_address_goes_on(client, path):
    with pytest.raises(AssertionError, match="came this way"):
        client.get(path)


@pytest.mark.parametrize("middleware", [None, [SHORT]])
def test_a_host_that_is_not_allowed_is_refused(client, url, settings, middleware):
    settings.MIDDLEWARE = middleware or settings.MIDDLEWARE
    settings.ALLOWED_HOSTS = ["shop.example.com"]
    assert send(client, url, HTTP_HOST="other.example.com").status_code == 400
    assert send(client, url, HTTP_HOST="shop.example.com").status_code == 200


def test_on_the_site_plain_http_is_sent_on_to_https(client, url, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert send(client, url).status_code == 301
    assert send(client, url, secure=True).status_code == 200


def test_on_the_site_it_opens_no_session_and_has_an_id(client, url):
    response = send(client, url)
    assert response.headers["X-Request-ID"]
    assert "session" not in vars(response.wsgi_request)


def test_a_failure_is_a_500_as_ever(client, url, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr(inbox, "accept_stripe", lambda *_args, **_options: 1 / 0)
    assert send(client, url).status_code == 500


def test_it_speaks_the_language_of_the_site_whoever_was_answered_before(client, queue):
    unknown = f"/stripe/webhook/{uuid4()}/"
    with translation.override("ja"):
        assert send(client, unknown).json()["error"]["message"] == "No such endpoint."
        assert translation.get_language() == "ja"


def test_requests_of_a_webhook_know_their_view(client, url):
    match = send(client, url).wsgi_request.resolver_match
    assert match.func is views.webhook
