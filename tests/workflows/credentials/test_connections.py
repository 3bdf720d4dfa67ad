"""Connections: created, changed, deleted, named by steps, and opened for one call."""

import pytest
from django.core.exceptions import PermissionDenied

from stripeflow.actions import registry
from stripeflow.actions.connections import ConnectionInput
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.checks.connection_checks import check_connections
from stripeflow.workflows.credentials import connection_changes, connections, secret_changes
from stripeflow.workflows.credentials.connection_changes import ConnectionRefused, Wanted
from stripeflow.workflows.credentials.connections import ConnectionUnusable
from stripeflow.workflows.credentials.secret_changes import SecretRefused
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import AuditEntry, Connection, Secret, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, document, failing
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

SHOP = Wanted("The shop", address="https://shop.example.com", auth="bearer", secret="shop-key")


@pytest.fixture
def kind(recorder):
    """The action `test.connected`, which calls by a connection."""
    kind = recording_action(recorder, key="test.connected")
    kind.inputs += (ConnectionInput("connection", label="Connection", required=True),)
    with registry.temporarily(kind):
        yield kind


@pytest.fixture
def shop(kind):
    secret_changes.store("shop-key", "swordfish")
    return connection_changes.create("shop", SHOP)


def step(key="one", connection="shop"):
    return action(key, "test.connected", text="a", connection=connection)


def wanted(**changes):
    return Wanted(**{**vars(SHOP), **changes})


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"title": " "}, "title"),
        ({"kind": "fax"}, "kind"),
        ({"auth": "oauth"}, "auth"),
        ({"address": ""}, "address"),
        ({"address": "http://shop.example.com"}, "address"),
        ({"address": "https://shop.example.com/orders"}, "address"),
        ({"address": "https://shop.example.com?a=b"}, "address"),
        ({"address": "https://me:it@shop.example.com"}, "address"),
        ({"address": "https://127.0.0.1"}, "address"),
        ({"address": "https://169.254.169.254"}, "address"),
        ({"address": "https://localhost"}, "address"),
        ({"address": "https://shop.example.com:8443"}, "address"),
        ({"address": "https://api.stripe.com"}, "address"),
        ({"address": "https://API.Stripe.com"}, "address"),
        ({"settings": {"header": "X-A"}}, "header"),
        ({"auth": "header", "settings": {"header": "Host"}}, "header"),
        ({"secret": ""}, "secret"),
        ({"secret": "no-such"}, "secret"),
        ({"auth": "none"}, "secret"),
    ],
)
def test_what_a_connection_cannot_be_is_said_by_its_column(shop, changes, column):
    with pytest.raises(ConnectionRefused) as refused:
        connection_changes.create("other", wanted(**changes))
    assert column in refused.value.faults
    assert "swordfish" not in str(refused.value)
    assert not Connection.objects.filter(name="other").exists()


def test_a_secret_that_no_header_can_carry_is_refused(shop):
    secret_changes.store("odd", "sword\nfish")
    with pytest.raises(ConnectionRefused) as refused:
        connection_changes.create("other", wanted(secret="odd"))
    assert "fish" not in str(refused.value)


def test_the_address_is_kept_as_it_is_asked_for(shop):
    made = connection_changes.create("other", wanted(address="https://Shop.Example.com/"))
    assert made.address == "https://shop.example.com"


def test_a_name_is_given_once(shop):
    with pytest.raises(ConnectionRefused):
        connection_changes.create("shop", SHOP)


def test_each_act_is_in_the_audit_log_without_a_secret(shop):
    connection_changes.change(shop, wanted(title="New"))
    connection_changes.delete(Connection.objects.get())
    rows = list(AuditEntry.objects.filter(object_kind="connection").order_by("pk"))
    assert [row.kind for row in rows] == ["connection.created", "connection.changed", "connection.deleted"]
    assert (rows[1].before, rows[1].after) == ({"title": "The shop"}, {"title": "New"})
    assert "swordfish" not in str([(row.before, row.after) for row in rows])


def test_nothing_is_written_where_nothing_changes(shop):
    connection_changes.change(shop, SHOP)
    assert AuditEntry.objects.filter(kind="connection.changed").count() == 0


def test_the_call_is_given_the_connection_and_rows_keep_its_name(shop, finish, recorder):
    run = finish(step())
    assert run.status == RunStatus.SUCCEEDED
    given = recorder.calls[0][0]["connection"]
    assert (given.name, given.address, given.secret) == ("shop", "https://shop.example.com", "swordfish")
    assert "swordfish" not in repr(given)
    assert run.steps.get().inputs == {"text": "a", "connection": "shop"}
    shop.refresh_from_db()
    assert shop.last_used_at is not None
    assert Secret.objects.get().last_used_at is not None


@pytest.mark.parametrize("missing", ["connection", "secret"])
def test_what_is_gone_fails_the_step_and_blocks_activation(shop, start, missing):
    run = start(step())
    {"connection": Connection, "secret": Secret}[missing].objects.all().delete()
    execute(run.pk)
    found = run.steps.get()
    assert (found.status, found.error["code"]) == ("failed", "connection_unusable")
    with pytest.raises(DefinitionError) as refused:
        lifecycle.activate(Workflow.objects.get())
    problem = refused.value.problems[0]
    assert problem.code == {"connection": "no_connection", "secret": "connection_unusable"}[missing]
    assert problem.field == "connection"
    (warning,) = check_connections(None, databases=["default"])
    assert (warning.id, "Test workflow" in warning.msg) == ("stripeflow.W020", True)


def test_a_failure_that_is_handled_goes_on(shop, start):
    run = start(failing(step(), action("handled", text="b")))
    Connection.objects.all().delete()
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED


def test_all_is_well_where_all_is_there(shop, start):
    start(step())
    assert check_connections(None, databases=["default"]) == []


def test_a_connection_of_another_kind_is_refused(shop, start):
    Connection.objects.update(kind="fax")
    with pytest.raises(DefinitionError):
        start(step())
    with pytest.raises(ConnectionUnusable):
        connections.connected("shop")


def test_what_is_in_use_is_not_deleted(shop, start, django_user_model):
    start(step())
    with pytest.raises(ConnectionRefused, match="Test workflow"):
        connection_changes.delete(shop)
    with pytest.raises(SecretRefused, match="The shop"):
        secret_changes.delete(Secret.objects.get())
    # People who may read neither workflows nor connections learn how many there are.
    nobody = django_user_model.objects.create(username="nobody")
    with pytest.raises(ConnectionRefused) as refused:
        connection_changes.delete(shop, act=Act(nobody))
    assert "Test workflow" not in str(refused.value)
    with pytest.raises(SecretRefused) as refused:
        secret_changes.delete(Secret.objects.get(), act=Act(nobody))
    assert "The shop" not in str(refused.value)


def test_a_draft_uses_it_too(shop):
    lifecycle.create(document(step()))
    assert connections.users_of("shop") == {"Test workflow": ["Record"]}


def test_the_secret_of_a_connection_is_in_use_by_its_workflows(shop, start):
    start(step())
    assert secret_changes.users_shown(Secret.objects.get(), None) == "“Test workflow”, connection “The shop”"


def test_a_secret_that_a_connection_alone_names_is_not_deleted(shop):
    with pytest.raises(SecretRefused, match="The shop"):
        secret_changes.delete(Secret.objects.get())


def test_who_may_not_publish_what_runs_by_it_may_not_change_where_it_leads(shop, start, django_user_model):
    start(step())
    author = django_user_model.objects.create(username="author")
    with pytest.raises(PermissionDenied):
        connection_changes.change(shop, wanted(address="https://evil.example.com"), act=Act(author))
    assert Connection.objects.get().address == "https://shop.example.com"
    # What people call it leads nowhere else.
    connection_changes.change(shop, wanted(title="New"), act=Act(author))
    assert Connection.objects.get().title == "New"


def test_nor_store_a_new_one_under_the_name_of_a_lost_one(shop, start, django_user_model):
    start(step())
    Connection.objects.all().delete()
    author = django_user_model.objects.create(username="author")
    with pytest.raises(PermissionDenied):
        connection_changes.create("shop", wanted(address="https://evil.example.com"), act=Act(author))


def test_a_typed_value_becomes_a_secret_of_its_own(shop):
    made = connection_changes.keep_with("other", wanted(secret=""), "halibut-7")
    assert (made.secret, Secret.objects.filter(name="other").exists()) == ("other", True)
    again = connection_changes.keep_with("other", wanted(secret="other"), "halibut-8", connection=made)
    assert again.secret == "other"
    assert connections.connected("other").secret == "halibut-8"


def test_a_typed_value_that_cannot_be_leaves_nothing(shop):
    with pytest.raises(ConnectionRefused):
        connection_changes.keep_with("other", wanted(secret=""), "hali\nbut-7")
    assert not Connection.objects.filter(name="other").exists()
    assert not Secret.objects.filter(name="other").exists()
