"""The doors to connections: what was done before, what is done, and the row that it leaves."""

from stripeflow.workflows.audit import kinds
from stripeflow.workflows.credentials import connection_changes
from stripeflow.workflows.credentials.connection_changes import Wanted
from stripeflow.workflows.models import Connection
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill

SHOP = Wanted("Shop", address="https://shop.example.com")


def _connection(workflow):
    connection_changes.create("kept", SHOP)


def _new_connection(client, workflow):
    given = {"name": "shop", "title": SHOP.title, "kind": "http", "address": SHOP.address, "auth": "none"}
    client.post(address("connection", "add"), given)


def _change_connection(client, workflow):
    fill(client, address(Connection.objects.get()), "connection_form", title="New")


def _delete_connection(client, workflow):
    client.post(address(Connection.objects.get(), "delete"), {"post": "yes"})


def nothing(workflow):
    pass


PAGES = {
    "connection_add": (nothing, _new_connection, kinds.CONNECTION_CREATED),
    "connection_change": (_connection, _change_connection, kinds.CONNECTION_CHANGED),
    "connection_delete": (_connection, _delete_connection, kinds.CONNECTION_DELETED),
}
API = {
    "Connections.create": (
        nothing,
        "post",
        "connections/",
        {"name": "shop", "title": SHOP.title, "address": SHOP.address},
        kinds.CONNECTION_CREATED,
    ),
    "Connections.remove": (_connection, "delete", "connections/kept/", {}, kinds.CONNECTION_DELETED),
}
