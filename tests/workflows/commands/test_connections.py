from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.models import AuditEntry, Connection

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = StringIO()
    call_command("stripeflow_connections", *arguments, stdout=out)
    return out.getvalue()


def test_a_connection_is_set_listed_changed_and_deleted():
    secret_changes.store("shop-key", "swordfish")
    said = run(
        *("set", "shop", "--address", "https://shop.example.com", "--auth", "header"),
        *("--setting", "header=X-Key", "--secret", "shop-key"),
    )
    assert said == "Created: shop.\n"
    assert run("set", "shop", "--title", "The shop") == "Changed: shop.\n"
    made = Connection.objects.get()
    assert (made.title, made.settings, made.secret) == ("The shop", {"header": "X-Key"}, "shop-key")
    assert run("list") == "shop\tThe shop\thttp\thttps://shop.example.com\theader\tshop-key\n"
    assert run("delete", "shop") == "Deleted: shop.\n"
    acts = AuditEntry.objects.filter(object_kind="connection").order_by("pk")
    assert [(row.kind, row.via) for row in acts] == [
        ("connection.created", "command"),
        ("connection.changed", "command"),
        ("connection.deleted", "command"),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("set", "shop"),
        ("set", "shop", "--address", "http://shop.example.com"),
        ("set", "Shop", "--address", "https://shop.example.com"),
        ("set", "shop", "--address", "https://shop.example.com", "--setting", "header"),
        ("set", "shop", "--address", "https://shop.example.com", "--auth", "bearer", "--secret", "gone"),
        ("delete", "shop"),
    ],
)
def test_what_cannot_be_is_an_error(arguments):
    with pytest.raises(CommandError):
        run(*arguments)
    assert not Connection.objects.exists()
