import io

import pytest
from django.core.management import CommandError, call_command

from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import Wanted
from stripeflow.workflows.models import AuditEntry, EventDelivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(queue):
    return changes.add(Wanted("Warehouse", "https://example.com/", ("run.failed",)), NOBODY).destination


def run(*arguments):
    out = io.StringIO()
    call_command("stripeflow_webhooks", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_what_there_is_is_listed_and_sent_again(row):
    assert run("list") == f"{row.pk}\tenabled\tWarehouse\trun.failed\n"
    run("ping", row.pk)
    delivery = EventDelivery.objects.get()
    line = run("deliveries", "--destination", row.pk).split("\t")
    assert (line[0], line[2], line[4]) == (str(delivery.pk), "pending", "destination.ping")
    with pytest.raises(CommandError, match="Left as they are: 1"):
        run("send-again", delivery.pk)
    EventDelivery.objects.update(status="failed", next_at=None)
    assert run("send-again", "--destination", row.pk, "--status", "failed") == "Sent again: 1.\n"
    assert AuditEntry.objects.filter(kind="destination.sent_again").get().command


@pytest.mark.parametrize("arguments", [("send-again",), ("send-again", "--status", "failed"), ("ping", 4711)])
def test_what_is_not_said_is_not_guessed(row, arguments):
    with pytest.raises(CommandError):
        run(*arguments)
