import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_home_leads_to_the_admin(client):
    response = client.get("/")
    assert (response.status_code, response.url) == (302, "/admin/")


def test_admin_bears_the_products_name(client):
    assert "StripeFlow" in client.get("/admin/login/").content.decode()


def test_webhook_is_mounted():
    path = reverse("stripeflow_triggers:webhook", args=["00000000-0000-0000-0000-000000000001"])
    assert path == "/stripe/webhook/00000000-0000-0000-0000-000000000001/"


def test_webhook_of_a_stranger_is_not_found(client):
    response = client.post("/stripe/webhook/00000000-0000-0000-0000-000000000001/", "{}", "application/json")
    assert response.status_code == 404


def test_api_asks_who_calls(client):
    assert client.get("/api/v1/workflows/").status_code == 401


def test_api_describes_itself(admin_client):
    assert admin_client.get("/api/v1/docs/").status_code == 200


def test_admin_brings_its_icon_along(client):
    """Browsers ask for /favicon.ico otherwise, and show an error in their console."""
    assert '<link rel="icon" href="data:image/svg+xml,' in client.get("/admin/login/").content.decode()


def test_who_may_not_see_a_page_reads_why_and_finds_the_way_back(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("packer", is_staff=True))
    refused = client.get("/admin/stripeflow_workflows/switch/")
    page = refused.content.decode()
    assert refused.status_code == 403
    assert all(words in page for words in ("do not have the permission", "packer", 'href="/admin/"'))
