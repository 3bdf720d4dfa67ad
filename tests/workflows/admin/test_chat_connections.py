"""Connections of chats: the address of the webhook is the secret, and says the host."""

import pytest
from django.urls import reverse

from stripeflow.workflows.credentials import connection_changes, connections, secret_changes
from stripeflow.workflows.credentials.connection_changes import ConnectionRefused, Wanted
from stripeflow.workflows.models import Connection
from tests.workflows.admin.test_connections import ADD, KEEPER, come, page  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db

SLACK = "https://hooks.slack.com/services/T0/B0/swordfishswordfishswordf"
TEAMS = (
    "https://prod-01.westus.logic.azure.com/workflows/swordfish/triggers/manual/paths/invoke?sig=swordfish"
)
OTHER = (
    "https://prod-02.westus.logic.azure.com/workflows/swordfish/triggers/manual/paths/invoke?sig=swordfish"
)


def sent(kind, **changes):
    return {"name": "team", "title": "The team", "kind": kind, "auth": "webhook_address", **changes}


@pytest.mark.parametrize(("kind", "secret"), [("slack", SLACK), ("teams", TEAMS)])
def test_the_secret_alone_says_the_host(come, kind, secret):  # noqa: F811
    client = come(*KEEPER, "add_secret")
    assert client.post(reverse(ADD), sent(kind, typed=secret)).status_code == 302
    made = Connection.objects.get()
    assert secret.startswith(f"{made.address}/")
    assert "/" not in made.address.removeprefix("https://")
    assert connections.connected("team").secret == secret
    assert "swordfish" not in client.get(page("change", made)).content.decode()


def test_a_new_secret_moves_the_connection_to_its_host(come):  # noqa: F811
    client = come(*KEEPER, "add_secret", "change_secret")
    client.post(reverse(ADD), sent("teams", typed=TEAMS))
    made = Connection.objects.get()
    kept = sent("teams", address=made.address, secret=made.secret, typed=OTHER)
    assert client.post(page("change", made), kept).status_code == 302
    assert Connection.objects.get().address == "https://prod-02.westus.logic.azure.com"
    assert connections.connected("team").secret == OTHER


@pytest.mark.parametrize(
    ("kind", "secret", "sentence"),
    [
        ("slack", TEAMS, "has to begin with “https://hooks.slack.com/services/”"),
        ("discord", SLACK, "has to begin with “https://discord.com/api/webhooks/”"),
        ("teams", "https://prod-01.westus.logic.azure.com", "whole address"),
        ("teams", "http://prod-01.westus.logic.azure.com/workflows/swordfish", "by https only"),
        ("teams", "https://10.0.0.1/workflows/swordfishswordfish", "public Internet"),
    ],
)
def test_what_is_no_webhook_of_the_service_is_refused(come, kind, secret, sentence):  # noqa: F811
    answer = come(*KEEPER, "add_secret").post(reverse(ADD), sent(kind, typed=secret))
    assert sentence in answer.content.decode()
    assert not Connection.objects.exists()
    assert secret not in answer.content.decode()


def test_a_stored_secret_says_the_host_too():
    secret_changes.store("webhook", TEAMS)
    made = connection_changes.create(
        "team", Wanted("The team", kind="teams", auth="webhook_address", secret="webhook")
    )
    assert made.address == "https://prod-01.westus.logic.azure.com"


def test_a_stored_secret_of_another_host_is_refused():
    secret_changes.store("webhook", TEAMS)
    wanted = Wanted("The team", "teams", "https://example.com", "webhook_address", secret="webhook")
    with pytest.raises(ConnectionRefused, match="is for another host than https://example.com"):
        connection_changes.create("team", wanted)
