import pytest

from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.models import Connection
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db

SHOP = {"title": "The shop", "address": "https://shop.example.com", "auth": "bearer", "secret": "shop-key"}


@pytest.fixture
def boss(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("boss"))
    secret_changes.store("shop-key", "swordfish")
    return client


def send(client, method, path, body=None):
    return getattr(client, method)(f"/api/v1/connections/{path}", body or {}, content_type="application/json")


def test_a_connection_is_created_read_changed_and_deleted(boss):
    made = send(boss, "post", "", {"name": "shop", **SHOP})
    assert made.status_code == 201
    assert (made.json()["address"], made.json()["secret"]) == ("https://shop.example.com", "shop-key")
    assert boss.get("/api/v1/connections/shop/").json() == made.json()
    assert [one["name"] for one in boss.get("/api/v1/connections/").json()["results"]] == ["shop"]
    changed = send(boss, "put", "shop/", {"title": "New", "address": "https://other.example.com"})
    assert (changed.json()["title"], changed.json()["auth"], changed.json()["secret"]) == ("New", "none", "")
    assert send(boss, "delete", "shop/").status_code == 200
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": "https://127.0.0.1"}, "address"),
        ({"auth": "oauth"}, "auth"),
        ({"secret": "no-such"}, "secret"),
        ({"auth": "header", "settings": {"header": "Host"}}, "header"),
    ],
)
def test_what_is_wrong_is_said_by_field(boss, changes, field):
    refused = send(boss, "post", "", {"name": "shop", **SHOP, **changes})
    assert refused.status_code == 400
    assert field in [one["field"] for one in refused.json()["error"]["problems"]]
    assert "swordfish" not in refused.content.decode()


def test_a_name_is_given_once(boss):
    send(boss, "post", "", {"name": "shop", **SHOP})
    assert send(boss, "post", "", {"name": "shop", **SHOP}).status_code == 409


def test_one_in_use_is_not_deleted(boss):
    send(boss, "post", "", {"name": "shop", **SHOP})
    lifecycle.create(document(action("one", "http.request", connection="shop", method="GET", path="/")))
    refused = send(boss, "delete", "shop/")
    assert refused.status_code == 409
    assert "Test workflow" in refused.json()["error"]["message"]


def test_an_import_says_which_connections_are_missing(boss):
    body = document(action("one", "http.request", connection="gone", method="GET", path="/"))
    answer = boss.post("/api/v1/workflows/validate/", body, content_type="application/json").json()
    assert [one["code"] for one in answer["problems"]] == ["no_connection"]
