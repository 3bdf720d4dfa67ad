"""Every page and address of the API that changes something leaves one row; none is forgotten.

`setting_off_doors` knows the doors to what runs. The others, which change definitions and tokens, stand here.
"""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from stripeflow.actions import registry
from stripeflow.actions.connections import ConnectionInput
from stripeflow.actions.inputs import StringInput
from stripeflow.actions.models import Suppression
from stripeflow.workflows.access.setting_off import Operation
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.limits import switch
from stripeflow.workflows.models import (
    ApiToken,
    AuditEntry,
    CancelEvent,
    Connection,
    EventDestination,
    SavedTemplate,
    Secret,
    Step,
)
from stripeflow.workflows.operations import lifecycle, saving_templates
from stripeflow.workflows.operations.saving_templates import Called
from stripeflow.workflows.suppressions import changes
from tests.workflows.access.test_setting_off import QUIET_ACTIONS, QUIET_API, QUIET_PAGES
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill, form_on, form_with
from tests.workflows.audit import connection_doors, destination_doors, token_doors
from tests.workflows.audit.reading_doors import READING_API, READING_PAGES
from tests.workflows.audit.rows import Rows
from tests.workflows.documents import action, branch, compare, document, group, usd, way
from tests.workflows.recording import recording_action
from tests.workflows.setting_off_doors import API, doors_to, world_of

pytestmark = pytest.mark.django_db

MONEY = "test.money"
JANE = {"address": "jane@example.com"}
# What each operation is called in the audit log.
KINDS = {
    Operation.CANCEL: kinds.RUN_CANCELED,
    Operation.RETRY: kinds.RUN_RETRIED,
    Operation.RELEASE: kinds.RUN_RELEASED,
    Operation.WAKE: kinds.RUN_WOKEN,
    Operation.RESTART: kinds.RUN_STARTED_AGAIN,
    Operation.RERUN: kinds.RUN_STARTED_AGAIN,
    Operation.HAPPENED: kinds.STEP_HAPPENED,
    Operation.DID_NOT_HAPPEN: kinds.STEP_DID_NOT_HAPPEN,
    Operation.AGAIN: kinds.STEP_AGAIN,
    Operation.CHOOSE: kinds.BRANCH_CHOSEN,
    Operation.DECIDE: kinds.RUN_APPROVED,
    Operation.REPLAY: kinds.RUN_REPLAYED,
    Operation.START: kinds.RUN_STARTED,
    Operation.FILL: kinds.RUN_FILLED,
    Operation.ACTIVATE: kinds.WORKFLOW_ACTIVATED,
    Operation.DEACTIVATE: kinds.WORKFLOW_DEACTIVATED,
    Operation.PAUSE: kinds.WORKFLOW_PAUSED,
    Operation.RESUME: kinds.WORKFLOW_RESUMED,
    Operation.RECONNECT: kinds.ACCOUNT_RECONNECTED,
    Operation.STOP_ALL: kinds.ALL_STOPPED,
    Operation.START_ALL: kinds.ALL_STARTED,
    Operation.REPLACE_SECRET: kinds.SECRET_REPLACED,
    Operation.CHANGE_CONNECTION: kinds.CONNECTION_CHANGED,
}


@pytest.fixture(autouse=True)
def _actions(recorder, queue):
    grave = recording_action(recorder, key=MONEY)
    grave.moves_money = True
    grave.inputs += (
        StringInput("password", label="Password", secret=True, references=False),
        ConnectionInput("connection", label="Connection"),
    )
    switch.forget()
    with registry.temporarily(grave):
        yield
    switch.forget()


@pytest.fixture
def boss():
    return User.objects.create_superuser("boss", "boss@example.com")


@pytest.fixture
def browser(boss):
    client = Client()
    client.force_login(boss)
    return client


@pytest.fixture
def nobody(db):
    client = Client()
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    return client


@pytest.fixture
def workflow(boss):
    first = way("large", group(compare("trigger.amount", "greater_than", usd(1))), action("inner", text="a"))
    return lifecycle.create(document(action("one", text="a"), branch("fork", first)), owner=boss)


# What lets a step act, or keeps it from that.


@pytest.mark.parametrize("operation", Operation)
def test_every_door_to_what_runs_leaves_one_row_with_the_person(boss, operation):
    for name, door in doors_to(operation).items():
        world, client = world_of(operation, MONEY, ""), Client()
        client.force_login(boss)
        rows = Rows()
        assert not door.go(client, world, operation), name
        assert rows.kinds == [KINDS[operation].key], name
        row = AuditEntry.objects.first()
        via = "api" if name.startswith("API") else "admin"
        assert (row.user_name, row.via, row.address) == ("boss", via, "127.0.0.1"), name
        assert row.session, name
        _empty()


@pytest.mark.parametrize("operation", Operation)
def test_who_is_refused_leaves_no_row(nobody, operation):
    world = world_of(operation, MONEY, "")
    rows = Rows()
    for name, door in doors_to(operation).items():
        assert door.go(nobody, world, operation), name
    assert rows.kinds == []


def _empty():
    """So that the next door finds what the first one did."""
    from stripeflow.triggers.models import Event
    from stripeflow.workflows.models import (
        Approval,
        Deauthorization,
        Decision,
        Run,
        RunOperation,
        StepRun,
        Switch,
        Workflow,
    )

    Workflow.objects.update(active_version=None)
    for model in (RunOperation, StepRun, Decision, Approval):
        model.objects.all().delete()
    Run.objects.filter(rerun_of__isnull=False).delete()
    for model in (Run, Workflow, Event, Deauthorization, Switch, Secret, Connection):
        model.objects.all().delete()
    switch.forget()


# What changes definitions and tokens, by the names of the admin's addresses.


def posting(view, **fields):
    def go(client, workflow):
        client.post(address(workflow, view), {"revision": _revision(workflow), **fields})

    return go


def on_step(view, key="one", **fields):
    def go(client, workflow):
        step = Step.objects.get(workflow=workflow, key=key)
        client.post(address(step, view), {"revision": _revision(workflow), **fields})

    return go


def adding(kind, **boxes):
    return lambda client, _: fill(client, address(kind, "add"), f"{kind}_form", **boxes)


def deleting(model):
    return lambda client, _: client.post(address(model.objects.get(), "delete"), {"post": "yes"})


def filling(find, form, **boxes):
    return lambda client, workflow: fill(client, address(find(workflow)), form, **boxes)


def _revision(workflow):
    workflow.refresh_from_db()
    return workflow.revision


def _activated(workflow):
    lifecycle.activate(workflow)
    editing.update(workflow, document(name="Changed"), revision=_revision(workflow))


def _archived(workflow):
    lifecycle.archive(workflow)


def _edited(workflow):
    editing.update(workflow, document(name="Changed"), revision=_revision(workflow))


def _canceling(workflow):
    CancelEvent.objects.create(trigger=workflow.trigger, event="charge.refunded")


def _undone(workflow):
    _edited(workflow)
    editing.undo(workflow, revision=_revision(workflow))


def _back(client, workflow):
    where = reverse("admin:stripeflow_workflows_workflow_back", args=[workflow.pk, 1])
    client.post(where, {"revision": _revision(workflow)})


def _import(client, workflow):
    client.post(address("workflow", "import"), {"text": json.dumps(document(name="Imported"))})


def _template(client, workflow):
    where = reverse("admin:stripeflow_workflows_workflow_template", args=["tag_customers"])
    client.post(where, form_with(client.get(where), "recipients"))


def _limits(client, workflow):
    where, page = address(workflow, "refund_limits"), client.get(address(workflow, "refund_limits"))
    sent = form_on(page, "refund_limits_form")
    client.post(where, sent | {"limits-0-currency": "usd", "limits-0-amount": "100"})


def _paste(client, workflow):
    client.post(address(Step.objects.get(workflow=workflow, key="one"), "copy"))
    where = address("step", "paste", workflow=workflow.pk, position=0)
    client.post(where, {"revision": _revision(workflow)})


def _new_branch_step(client, workflow):
    where = address("step", "add_block", kind="branch", workflow=workflow.pk, position=0)
    client.post(where, {"revision": _revision(workflow)})


def _new_step(client, workflow):
    where = address("step", "add", workflow=workflow.pk, position=0, action="test.record")
    fill(client, where, "step_form", name="New")


def _secret(workflow):
    secret_changes.store("kept", "swordfish")


def _change_secret(client, workflow):
    fill(client, address(Secret.objects.get()), "secret_form", typed="halibut")


def _suppressed(workflow):
    changes.add(**JANE)


def _saved(workflow):
    saving_templates.save(workflow, Called("Kept"), Act())


def _new_template(client, workflow):
    fill(client, address(workflow, "save_as_template"), "template_form", name="Ours")


def _change_template(client, workflow):
    fill(client, address(SavedTemplate.objects.get()), "savedtemplate_form", name="Ours")


def _export(client, workflow):
    client.generic("GET", reverse("admin:stripeflow_workflows_auditentry_export", args=["csv"]))


def nothing(workflow):
    pass


EDITED = kinds.WORKFLOW_EDITED
# What was done before, what is done, and the row that it leaves.
PAGES = {
    "workflow_add": (
        nothing,
        adding("workflow", name="New"),
        kinds.WORKFLOW_CREATED,
    ),
    "workflow_change": (nothing, filling(lambda one: one, "workflow_form", description="New"), EDITED),
    "workflow_delete": (nothing, posting("delete", post="yes"), kinds.WORKFLOW_DELETED),
    "workflow_rename": (nothing, posting("rename", name="Renamed"), EDITED),
    "workflow_archive": (nothing, posting("archive"), kinds.WORKFLOW_ARCHIVED),
    "workflow_restore": (_archived, posting("restore"), kinds.WORKFLOW_RESTORED),
    "workflow_duplicate": (nothing, posting("duplicate"), kinds.WORKFLOW_DUPLICATED),
    "workflow_discard": (_activated, posting("discard"), EDITED),
    "workflow_back": (_activated, _back, EDITED),
    "workflow_undo": (_edited, posting("undo"), kinds.WORKFLOW_UNDONE),
    "workflow_redo": (_undone, posting("redo"), kinds.WORKFLOW_REDONE),
    "workflow_import": (nothing, _import, kinds.WORKFLOW_CREATED),
    "workflow_template": (nothing, _template, kinds.WORKFLOW_CREATED),
    "workflow_refund_limits": (nothing, _limits, kinds.LIMITS_SET),
    "trigger_change": (
        nothing,
        filling(lambda one: one.trigger, "trigger_form", event_type="charge.refunded"),
        EDITED,
    ),
    "step_change": (nothing, filling(lambda one: one.steps.get(key="one"), "step_form", name="New"), EDITED),
    "step_add": (nothing, _new_step, EDITED),
    "step_delete": (nothing, on_step("delete"), EDITED),
    "step_move": (nothing, on_step("move", direction="down"), EDITED),
    "step_place": (nothing, on_step("place", place=":2"), EDITED),
    "step_duplicate": (nothing, on_step("duplicate"), EDITED),
    "step_branch": (nothing, on_step("branch", key="fork"), EDITED),
    "step_paste": (nothing, _paste, EDITED),
    "step_add_block": (nothing, _new_branch_step, EDITED),
    "branch_change": (
        nothing,
        filling(lambda one: one.steps.get(key="fork").branches.first(), "branch_form", name="New"),
        EDITED,
    ),
    "cancelevent_change": (
        _canceling,
        filling(lambda one: one.trigger.cancel_events.get(), "cancelevent_form", match="any"),
        EDITED,
    ),
    "apitoken_add": (nothing, adding("apitoken", name="CI", scopes=["read"]), kinds.TOKEN_MADE),
    "apitoken_delete": (token_doors.token, token_doors.delete_token, kinds.TOKEN_DELETED),
    "secret_add": (nothing, adding("secret", name="shop", typed="halibut"), kinds.SECRET_STORED),
    "secret_change": (_secret, _change_secret, kinds.SECRET_REPLACED),
    "secret_delete": (_secret, deleting(Secret), kinds.SECRET_DELETED),
    "suppression_add": (nothing, adding("suppression", **JANE), kinds.ADDRESS_SUPPRESSED),
    "suppression_delete": (_suppressed, deleting(Suppression), kinds.SUPPRESSION_REMOVED),
    "workflow_save_as_template": (nothing, _new_template, kinds.TEMPLATE_SAVED),
    "savedtemplate_change": (_saved, _change_template, kinds.TEMPLATE_RENAMED),
    "savedtemplate_delete": (_saved, deleting(SavedTemplate), kinds.TEMPLATE_DELETED),
    **connection_doors.PAGES,
    **destination_doors.PAGES,
    "auditentry_export": (nothing, _export, kinds.AUDIT_EXPORTED),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_leaves_one_row_with_the_person(browser, workflow, name):
    prepare, go, kind = PAGES[name]
    prepare(workflow)
    rows = Rows()
    go(browser, workflow)
    assert rows.kinds == [kind.key]
    row = AuditEntry.objects.first()
    assert (row.user_name, row.via, row.address) == ("boss", "admin", "127.0.0.1")


@pytest.mark.parametrize("name", PAGES)
def test_who_may_not_leaves_no_row(browser, nobody, workflow, name):
    prepare, go, _kind = PAGES[name]
    prepare(workflow)
    rows = Rows()
    # Some look at the page first, which nobody may see.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(nobody, "get", browser.get)
        go(nobody, workflow)
    assert rows.kinds == []


@pytest.mark.parametrize(
    ("name", "kind"), [("revoke", kinds.TOKEN_REVOKED), ("delete_selected", kinds.TOKEN_DELETED)]
)
def test_every_action_on_tokens_leaves_a_row_for_each(browser, workflow, name, kind):
    token_doors.token(workflow)
    rows = Rows()
    token_doors.token_action(name)(browser, workflow)
    assert rows.kinds == [kind.key]


_ACTIONS = {("ApiToken", "revoke"), ("EventDelivery", "send_again")}


def test_every_page_that_changes_something_is_here():
    quiet = {f"{model}_{name}" for model, names in QUIET_PAGES.items() for name in names}
    reading = {f"{model}_{name}" for model, names in READING_PAGES.items() for name in names}
    assert quiet - reading <= PAGES.keys()
    assert reading.isdisjoint(PAGES)
    assert {*_ACTIONS, ("Run", "resolve")} == QUIET_ACTIONS


# The API, where it changes definitions.


LIMITS = {
    "all_customers": {"usd": 5},
    "one_customer": {"usd": 1},
    "seen": {"all_customers": {}, "one_customer": {}},
}


def api_of(workflow):
    one, body = f"workflows/{workflow.pk}/", document(name="New")
    return {
        "Workflows.create": (nothing, "post", "workflows/", body, kinds.WORKFLOW_CREATED),
        "Workflows.update": (nothing, "put", one, body, EDITED),
        "Workflows.archive": (nothing, "post", f"{one}archive/", {}, kinds.WORKFLOW_ARCHIVED),
        "Workflows.restore": (_archived, "post", f"{one}restore/", {}, kinds.WORKFLOW_RESTORED),
        "DailyLimits.set": (nothing, "put", f"{one}limits/", LIMITS, kinds.LIMITS_SET),
        "Workflows.duplicate": (nothing, "post", f"{one}duplicate/", {}, kinds.WORKFLOW_DUPLICATED),
        "Templates.create_workflow": (
            nothing,
            "post",
            "templates/tag_customers/workflows/",
            {},
            kinds.WORKFLOW_CREATED,
        ),
        "Templates.save": (nothing, "post", f"{one}template/", {}, kinds.TEMPLATE_SAVED),
        "Templates.change": (_saved, "patch", "templates/{saved}/", {"name": "Ours"}, kinds.TEMPLATE_RENAMED),
        "Templates.remove": (_saved, "delete", "templates/{saved}/", {}, kinds.TEMPLATE_DELETED),
        **connection_doors.API,
        **destination_doors.API,
        "Secrets.create": (
            nothing,
            "post",
            "secrets/",
            {"name": "shop", "value": "halibut"},
            kinds.SECRET_STORED,
        ),
        "Secrets.remove": (_secret, "delete", "secrets/kept/", {}, kinds.SECRET_DELETED),
        "Suppressions.create": (nothing, "post", "suppressions/", JANE, kinds.ADDRESS_SUPPRESSED),
        "Suppressions.remove": (_suppressed, "delete", "suppressions/{pk}/", {}, kinds.SUPPRESSION_REMOVED),
    }


def test_every_address_of_the_api_that_changes_a_definition_leaves_one_row(boss, workflow):
    token = ApiToken(user=boss, name="CI", scopes="read run edit publish customers money")
    secret = token.issue()
    token.save()
    headers = {"Authorization": f"Bearer {secret}"}
    Client().get("/api/v1/workflows/", headers=headers)
    for name in api_of(workflow):
        again = lifecycle.create(document(name="Again"))
        prepare, method, path, body, kind = api_of(again)[name]
        EventDestination.objects.all().delete()
        prepare(again)
        last = SavedTemplate.objects.order_by("-pk").first()
        path = destination_doors.filled_in(path)
        listed = Suppression.objects.values_list("pk", flat=True).last()
        path = path.format(saved=f"saved-{last.pk}" if last else "", pk=listed)
        rows = Rows()
        seen = {**headers, "If-Match": f'"{_revision(again)}"'}
        sent = getattr(Client(), method)(
            f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=seen
        )
        assert (sent.status_code < 300, rows.kinds) == (True, [kind.key]), (name, sent.content)
        row = AuditEntry.objects.first()
        told = (row.user_name, row.via, row.token, row.token_id, row.session)
        assert told == ("boss", "api", token.hint, token.pk, ""), name
        assert row.request_id == sent["X-Request-ID"], name


def test_every_address_of_the_api_is_a_door_or_here_or_reads(workflow):
    assert api_of(workflow).keys() | READING_API == QUIET_API
    assert API.keys().isdisjoint(api_of(workflow))
