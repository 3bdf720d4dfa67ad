import pytest
from django.test import Client

from stripeflow.workflows.models import Beat

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.workflows.monitoring.routes")]

TOKEN = "t" * 40
AFAR, HERE = "203.0.113.7", "127.0.0.1"


@pytest.fixture
def probe(settings):
    """Ask the site by the address of a container, from somewhere."""
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "HEALTH_TOKEN": TOKEN, "METRICS_TOKEN": TOKEN[1:]}
    settings.SECURE_SSL_REDIRECT = True
    Beat.objects.write("ring@test")
    Beat.objects.write("cluster@test")

    def ask(path, *, host="10.2.3.4:8000", address=AFAR, token=""):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Client().get(path, headers=headers, HTTP_HOST=host, REMOTE_ADDR=address)

    return ask


def test_token_reads_health_by_any_host_name(probe):
    answer = probe("/health/", token=TOKEN)
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert "database" in answer.json()["checks"]


def test_token_reads_the_metrics_by_any_host_name(probe):
    answer = probe("/metrics", token=TOKEN[1:])
    assert answer.status_code == 200
    assert b"stripeflow_" in answer.content


@pytest.mark.parametrize("address", [HERE, "::1"])
def test_this_machine_reads_health_without_details(probe, address):
    answer = probe("/health/?check=database", address=address)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_this_machine_still_needs_a_token_for_the_metrics(probe):
    assert probe("/metrics", address=HERE).status_code == 401


@pytest.mark.parametrize("address", [AFAR, "", "unix"])
@pytest.mark.parametrize("token", ["", "wrong", TOKEN[1:]])
def test_stranger_is_refused_by_another_host_name(probe, address, token):
    assert probe("/health/", address=address, token=token).status_code == 400


def test_other_pages_keep_to_the_allowed_hosts(probe):
    assert probe("/admin/", address=HERE, token=TOKEN).status_code == 400


@pytest.mark.parametrize("path", ["/health/?check=database", "/metrics"])
def test_plain_http_by_an_allowed_name_is_not_redirected(probe, path):
    assert probe(path, host="testserver").status_code in (200, 401)
