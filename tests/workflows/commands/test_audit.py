"""The audit log on the command line."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from stripeflow.workflows.models import AuditEntry
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import document


@pytest.fixture
def orders(db):
    return lifecycle.create(document(name="Orders"))


def exported(*args):
    out = io.StringIO()
    call_command("stripeflow_audit", *args, stdout=out)
    return out.getvalue()


def test_writes_csv_and_records_that_it_did(orders):
    [row] = csv.DictReader(io.StringIO(exported()))
    assert (row["kind"], row["object_title"]) == ("workflow.created", "Orders")
    entry = AuditEntry.objects.first()
    assert (entry.kind, entry.via, entry.command) == ("audit.exported", "command", "stripeflow_audit")


def test_writes_json_of_what_is_asked_for(orders):
    args = ("--format", "json", "--since", "1h", "--kind", "workflow.created", "--workflow", str(orders.pk))
    assert [row["object_title"] for row in json.loads(exported(*args))] == ["Orders"]
    assert json.loads(exported("--format", "json", "--user", "boris")) == []


def test_kind_that_does_not_exist_is_refused(db):
    with pytest.raises(CommandError, match="invalid choice"):
        exported("--kind", "workflow.made_up")
