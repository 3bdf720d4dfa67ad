"""Every command that changes something leaves its row in the audit log; none is forgotten."""

from io import StringIO

import pytest
from django.core.management import call_command

from stripeflow.workflows.audit import kinds
from stripeflow.workflows.limits import switch
from stripeflow.workflows.models import AuditEntry
from stripeflow.workflows.operations import lifecycle
from tests.workflows.access.test_setting_off import QUIET_COMMANDS, SETTING_OFF_COMMANDS
from tests.workflows.audit.rows import Rows
from tests.workflows.documents import action, document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]


@pytest.fixture(autouse=True)
def _switch():
    switch.forget()
    yield
    switch.forget()


@pytest.fixture
def workflow(django_user_model):
    django_user_model.objects.create_superuser("boss", password="x")
    return lifecycle.create(document(action("one", text="a")))


COMMANDS = {
    "audit": (("stripeflow_audit",), [kinds.AUDIT_EXPORTED]),
    "connections": (
        ("stripeflow_connections", "set", "shop", "--address", "https://shop.example.com"),
        [kinds.CONNECTION_CREATED],
    ),
    "endpoint": (("stripeflow_endpoint",), [kinds.ENDPOINT_REGISTERED]),
    "prune": (("stripeflow_prune", "--days", "30"), [kinds.PRUNED]),
    "roles": (
        ("stripeflow_roles", "create", "viewer"),
        [kinds.GROUP_MADE, kinds.GROUP_PERMISSIONS_CHANGED],
    ),
    "secrets": (("stripeflow_secrets", "rotate"), [kinds.SECRETS_ROTATED]),
    "suppressions": (
        ("stripeflow_suppressions", "add", "jane@example.com"),
        [kinds.ADDRESS_SUPPRESSED],
    ),
    "restored": (("stripeflow_restored", "--at", "1h"), [kinds.BACKUP_RESTORED]),
    "template": (("stripeflow_template", "save", "{workflow}"), [kinds.TEMPLATE_SAVED]),
    "token": (("stripeflow_token", "create", "boss", "--name", "CI"), [kinds.TOKEN_MADE]),
    "pause": (("stripeflow_pause", "{workflow}", "--reason", "Look."), [kinds.WORKFLOW_PAUSED]),
    "switch": (("stripeflow_switch", "stop"), [kinds.ALL_STOPPED]),
}
# What reads, works for others, or makes what other tests look at: approvals, runs, replays, accounts.
OTHER_COMMANDS = {
    "webhooks",
    "account",
    "approval",
    "demo",
    "fill",
    "reconcile",
    "rehearse",
    "replay",
    "run",
    "serve",
    "tables",
    "worker",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_leaves_its_row(workflow, settings, name):
    settings.STRIPE_TEST_SECRET_KEY = settings.STRIPE_LIVE_SECRET_KEY = ""
    lifecycle.activate(workflow)
    words, expected = COMMANDS[name]
    rows = Rows()
    call_command(*(word.format(workflow=workflow.pk) for word in words), stdout=StringIO(), stderr=StringIO())
    assert rows.kinds == [kind.key for kind in expected]
    if name != "roles":  # whose rows are written by Django's signals, which know the process alone
        row = AuditEntry.objects.first()
        assert (row.via, row.command, row.user_name) == ("command", f"stripeflow_{name}", "")


def test_every_command_is_here():
    assert COMMANDS.keys() | OTHER_COMMANDS == QUIET_COMMANDS | SETTING_OFF_COMMANDS
