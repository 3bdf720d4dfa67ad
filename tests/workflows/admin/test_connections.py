"""The pages of connections: what goes in, what is never shown, and who may."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from stripeflow.workflows.credentials import connection_changes, connections, secret_changes
from stripeflow.workflows.credentials.connection_changes import Wanted
from stripeflow.workflows.models import Connection, Secret, Step
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db

ADD = "admin:stripeflow_workflows_connection_add"
LIST = "admin:stripeflow_workflows_connection_changelist"
KEEPER = ("view_connection", "add_connection", "change_connection", "delete_connection")
SHOP = {"title": "The shop", "kind": "http", "address": "https://shop.example.com", "auth": "bearer"}


@pytest.fixture
def come(client):
    """Logs somebody in who has these permissions."""

    def come(*names):
        user = User.objects.create_user("keeper", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(user)
        return client

    return come


def page(name, connection):
    return reverse(f"admin:stripeflow_workflows_connection_{name}", args=[connection.pk])


@pytest.fixture
def shop(db):
    secret_changes.store("shop-key", "swordfish")
    return connection_changes.create(
        "shop", Wanted("The shop", address="https://shop.example.com", auth="bearer", secret="shop-key")
    )


def test_a_connection_is_created_with_a_new_secret(come):
    client = come(*KEEPER, "add_secret")
    assert client.post(reverse(ADD), {"name": "shop", **SHOP, "typed": "swordfish"}).status_code == 302
    made = Connection.objects.get()
    assert (made.name, made.address, made.secret) == ("shop", "https://shop.example.com", "shop")
    assert connections.connected("shop").secret == "swordfish"
    for address in (reverse(LIST), page("change", made)):
        assert "swordfish" not in client.get(address).content.decode()


def test_settings_of_the_chosen_way_are_kept_and_others_are_not(come):
    secret_changes.store("sign", "swordfish")
    sent = {
        **SHOP,
        "name": "shop",
        "auth": "hmac",
        "secret": "sign",
        "setting_hmac_header": "X-Sign",
        "setting_hmac_encoding": "hex",
        "setting_header_header": "X-Api-Key",
    }
    assert come(*KEEPER, "view_secret").post(reverse(ADD), sent).status_code == 302
    assert Connection.objects.get().settings == {"header": "X-Sign", "encoding": "hex"}


@pytest.mark.parametrize(
    ("sent", "box"),
    [
        ({"address": "https://127.0.0.1"}, "address"),
        ({"address": "https://api.stripe.com"}, "address"),
        ({"auth": "header", "setting_header_header": "Host"}, "setting_header_header"),
        ({"typed": "sword\nfish-1"}, "typed"),
        ({"typed": "ab"}, "typed"),
        ({"typed": ""}, "secret"),
        ({"secret": "other"}, "secret"),
    ],
)
def test_what_is_wrong_is_said_at_its_box_without_the_value(come, sent, box):
    client = come(*KEEPER, "add_secret")
    response = client.post(reverse(ADD), {"name": "shop", **SHOP, "typed": "swordfish", **sent})
    assert response.status_code == 200
    assert box in response.context["adminform"].form.errors
    assert "swordfish" not in response.content.decode()
    assert not Connection.objects.exists()
    assert not Secret.objects.exists()


def test_without_the_permission_no_secret_is_stored(come):
    response = come(*KEEPER).post(reverse(ADD), {"name": "shop", **SHOP, "typed": "swordfish"})
    assert response.status_code == 200
    assert not Secret.objects.exists()


def test_secrets_are_offered_to_people_who_may_see_them(come, shop):
    text = come(*KEEPER).get(reverse(ADD)).content.decode()
    assert "shop-key" not in text
    User.objects.all().delete()
    assert "shop-key" in come(*KEEPER, "view_secret").get(reverse(ADD)).content.decode()


def test_a_connection_is_changed(come, shop):
    client = come(*KEEPER)
    sent = {**SHOP, "title": "New", "secret": "shop-key"}
    assert client.post(page("change", shop), sent).status_code == 302
    shop.refresh_from_db()
    assert (shop.title, shop.secret, shop.changed_by.username) == ("New", "shop-key", "keeper")


def test_who_may_only_look_sees_where_it_leads(come, shop):
    text = come("view_connection").get(page("change", shop)).content.decode()
    assert "https://shop.example.com" in text
    assert "swordfish" not in text
    assert 'name="title"' not in text


def test_one_in_use_says_by_whom_and_is_not_deleted(come, shop):
    step = action("one", "http.request", connection="shop", method="GET", path="/")
    lifecycle.create(document(step))
    client = come(*KEEPER, "view_workflow")
    assert "Test workflow" in client.get(page("change", shop)).content.decode()
    client.post(page("delete", shop), {"post": "yes"})
    assert Connection.objects.exists()


@pytest.mark.parametrize(
    ("permission", "method", "address"),
    [
        ("view_connection", "get", lambda shop: reverse(LIST)),
        ("view_connection", "get", lambda shop: page("change", shop)),
        ("add_connection", "get", lambda shop: reverse(ADD)),
        ("add_connection", "post", lambda shop: reverse(ADD)),
        ("delete_connection", "post", lambda shop: page("delete", shop)),
    ],
)
def test_each_page_has_its_permission(come, shop, permission, method, address):
    client = come(*(name for name in KEEPER if name != permission), "view_secret")
    assert getattr(client, method)(address(shop)).status_code == 403


def test_the_editor_offers_connections_to_people_who_may_see_them(come, shop):
    step = action("one", "http.request", connection="shop", method="GET", path="/")
    lifecycle.create(document(step))
    address = reverse("admin:stripeflow_workflows_step_change", args=[Step.objects.get().pk])
    connection_changes.create("other", Wanted("Another", address="https://other.example.com"))
    client = come("view_workflow", "change_workflow")
    text = client.get(address).content.decode()
    assert "Another" not in text
    # The one that is named stays chosen.
    assert 'value="shop" selected' in text
    User.objects.all().delete()
    text = come("view_workflow", "change_workflow", "view_connection").get(address).content.decode()
    assert "Another (other)" in text
    assert 'value="shop" selected' in text
