"""Who may set off what, over every operation, held reason, role and door, none of which is forgotten."""

from contextlib import ExitStack, contextmanager

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import get_commands
from django.db import transaction
from django.test import Client, RequestFactory

from stripeflow.actions import registry
from stripeflow.actions.connections import ConnectionInput
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows import permissions
from stripeflow.workflows.access import roles, setting_off
from stripeflow.workflows.access.setting_off import RULES, Operation
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import switch
from stripeflow.workflows.limits.holding import release_over
from stripeflow.workflows.models import Run
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations.verbs import Outcome, Verb
from stripeflow.workflows.states import RunStatus
from tests.workflows.api.test_access import SUPPORTED, done
from tests.workflows.documents import action, document
from tests.workflows.people import COMBINATIONS, user_with_role
from tests.workflows.recording import recording_action
from tests.workflows.setting_off_doors import (
    ACTIONS,
    API,
    GRAVE,
    PAGES,
    doors_to,
    state_of_everything,
    world_of,
)

RUNS, ACTIVATE = {permissions.CHANGE_RUN}, {permissions.ACTIVATE}
# What each operation needs, said a second time; the tests fail for one that is not listed.
NEEDS = {
    Operation.CANCEL: RUNS,
    Operation.RETRY: RUNS,
    Operation.RELEASE: RUNS,
    Operation.WAKE: RUNS,
    Operation.RESTART: RUNS,
    Operation.RERUN: RUNS | {permissions.VIEW_PAYLOAD},
    Operation.HAPPENED: RUNS,
    Operation.DID_NOT_HAPPEN: RUNS,
    Operation.AGAIN: RUNS,
    Operation.CHOOSE: RUNS,
    Operation.DECIDE: {permissions.DECIDE, permissions.VIEW_RUN, permissions.VIEW_PAYLOAD},
    Operation.REPLAY: RUNS | {permissions.VIEW_EVENT, permissions.VIEW_PAYLOAD},
    Operation.START: RUNS,
    Operation.FILL: RUNS | {permissions.VIEW_EVENT, permissions.VIEW_PAYLOAD},
    Operation.ACTIVATE: ACTIVATE,
    Operation.DEACTIVATE: ACTIVATE,
    Operation.PAUSE: ACTIVATE,
    Operation.RESUME: ACTIVATE,
    Operation.RECONNECT: ACTIVATE,
    Operation.STOP_ALL: {permissions.USE_SWITCH},
    Operation.START_ALL: {permissions.USE_SWITCH},
    Operation.REPLACE_SECRET: {permissions.CHANGE_SECRET},
    Operation.CHANGE_CONNECTION: {
        permissions.VIEW_CONNECTION,
        permissions.CHANGE_CONNECTION,
        permissions.USE_CONNECTION,
    },
}
# Who keeps runs going may do these as well.
ALSO = dict.fromkeys((Operation.PAUSE, Operation.RESUME, Operation.RECONNECT), RUNS)
STOPS = {Operation.CANCEL, Operation.DEACTIVATE, Operation.PAUSE, Operation.STOP_ALL}
# What the last step does, by the key of its action.
HARMLESS, MONEY, DELETE, CUSTOMERS = "test.record", "test.money", "test.delete", "test.customers"
# What such a step needs in addition.
GUARDED = {
    MONEY: permissions.MOVE_MONEY,
    DELETE: permissions.MOVE_MONEY,
    CUSTOMERS: permissions.CHANGE_CUSTOMERS,
}
OTHERS = [one for one in Operation if one is not Operation.RELEASE]
CASES = [
    *((one, "", kind) for one in OTHERS for kind in (HARMLESS, MONEY, CUSTOMERS)),
    *((Operation.RELEASE, reason, MONEY) for reason in HeldReason.values),
    (Operation.RELEASE, HeldReason.OBJECT, HARMLESS),
    (Operation.RELEASE, HeldReason.OBJECT, DELETE),
    (Operation.RELEASE, HeldReason.AWAITS_RELEASE, CUSTOMERS),
]

# Doors by which nothing is set off, and nothing stopped: they read, or change what does not run.
QUIET_API = {
    "Workflows.create",
    "Workflows.update",
    "Workflows.validate_document",
    "Workflows.archive",
    "Workflows.restore",
    "Workflows.duplicate",
    "DailyLimits.set",
    "Rehearsals.test",
    "Rehearsals.backtest",
    "Templates.backtest",
    "Replays.preview",
    "Schedules.preview",
    "BulkInvocations.preview",
    "Templates.create_workflow",
    "Templates.save",
    "Templates.change",
    "Templates.remove",
    "Secrets.create",
    "Secrets.remove",
    "Suppressions.create",
    "Suppressions.remove",
    *(
        f"Destinations.{name}"
        for name in ("create", "change", "remove", "enable", "disable", "rotate", "ping")
    ),
    "Deliveries.send_again",
    "Connections.create",
    "Connections.remove",
    "NothingHere.nothing",
}
QUIET_PAGES = {
    "auditentry": {"export"},
    "eventdelivery": {"send_again"},
    "eventdestination": {"disable", "enable", "ping", "rotate"},
    "run": {"items", "news", "state", "why", "why_event"},
    "workflow": {
        "archive",
        "back",
        "backtest",
        "changes",
        "counts",
        "discard",
        "duplicate",
        "export",
        "import",
        "redo",
        "refund_limits",
        "rename",
        "restore",
        "revision",
        "sdk",
        "save_as_template",
        "template",
        "templates",
        "test",
        "undo",
    },
    "step": {
        "add_block",
        "add_values",
        "branch",
        "copy",
        "duplicate",
        "favourite",
        "move",
        "paste",
        "place",
        "values",
    },
    "branch": {"sentence"},
    "cancelevent": {"sentence"},
    "condition": {"sentence"},
    "trigger": {"outlook", "seen", "sentence"},
}
# The first one asks by a page.
QUIET_ACTIONS = {("Run", "resolve"), ("ApiToken", "revoke"), ("EventDelivery", "send_again")}
SETTING_OFF_COMMANDS = {"account", "approval", "fill", "pause", "replay", "run", "switch"}
QUIET_COMMANDS = {
    "audit",
    "connections",
    "demo",
    "endpoint",
    "prune",
    "reconcile",
    "rehearse",
    "restored",
    "roles",
    "secrets",
    "suppressions",
    "tables",
    "template",
    "token",
    "serve",
    "webhooks",
    "worker",
}
# The addresses that every model of an admin has; their own forms change definitions only.
_PLAIN = {"add", "change", "changelist", "delete", "history"}


# One for all browsers: each would load every middleware, which takes longer than what it asks for.
_HANDLER = Client().handler


def browser_of(user):
    browser = Client()
    browser.handler = _HANDLER
    browser.force_login(user)
    return browser


# The roles, of those that differ in nothing that is asked here the first one.
ASKED = {permissions.VIEW_RUN, permissions.VIEW, *GUARDED.values()}.union(*NEEDS.values())
ROLES = list({roles.permissions_of(keys) & ASKED: keys for keys in reversed(COMBINATIONS)}.values())


@pytest.fixture
def everybody(db):
    """A logged-in browser of each role, by the role's keys."""
    return {keys: browser_of(user_with_role(*keys)) for keys in ROLES}


@pytest.fixture(autouse=True)
def _actions(recorder, queue, db):
    kinds = {key: recording_action(recorder, key=key) for key in (HARMLESS, *GUARDED)}
    kinds[CUSTOMERS].changes_customers = True
    kinds[MONEY].moves_money = True
    kinds[DELETE].destructive = True
    with ExitStack() as registered:
        for kind in kinds.values():
            kind.inputs += (
                StringInput("password", label="Password", secret=True, references=False),
                ConnectionInput("connection", label="Connection"),
            )
            registered.enter_context(registry.temporarily(kind))
        yield


@contextmanager
def taken_back():
    """What happens inside, in the database and in the kept state of the switch, has not happened."""
    with transaction.atomic():
        switch.forget()
        yield
        transaction.set_rollback(True)
    switch.forget()


def let_everything_act(recorder, operation):
    """What workers do with all runs as they are now; the texts of the steps that acted."""
    recorder.calls.clear()
    # Those of a release are held for reasons that were never there.
    if operation is not Operation.RELEASE and Run.objects.filter(status=RunStatus.HELD).exists():
        release_over()
    for pk in Run.objects.values_list("pk", flat=True):
        execute(pk)
    return recorder.texts


def may(keys, operation, kind):
    held = roles.permissions_of(keys)
    guarded = {GUARDED[kind]} if operation not in STOPS and kind in GUARDED else set()
    return any(needs | guarded <= held for needs in (NEEDS[operation], ALSO.get(operation, NEEDS[operation])))


@pytest.mark.parametrize(("operation", "reason", "kind"), CASES)
def test_a_role_does_at_each_door_what_it_may_and_no_more(everybody, recorder, operation, reason, kind):
    world = world_of(operation, kind, reason)
    before = state_of_everything()
    # An undecided run is not released; its branch is chosen.
    is_possible = reason != HeldReason.UNDECIDED
    wrong = []
    for name, door in doors_to(operation).items():
        for keys, browser in everybody.items():
            with taken_back():
                refused = door.go(browser, world, operation)
                changed = state_of_everything() != before
                acted = GRAVE in let_everything_act(recorder, operation) and kind != HARMLESS
            allowed = may(keys, operation, kind)
            if refused is allowed or changed is not (allowed and is_possible):
                wrong.append((name, keys, f"refused: {refused}", f"changed: {changed}"))
            if acted and GUARDED[kind] not in roles.permissions_of(keys):
                wrong.append((name, keys, "a step acted"))
    assert wrong == []


# What starts no run by itself.
WAITS = {*STOPS, Operation.ACTIVATE, Operation.REPLACE_SECRET, Operation.CHANGE_CONNECTION}


@pytest.mark.parametrize("kind", [MONEY, CUSTOMERS])
@pytest.mark.parametrize("operation", [one for one in Operation if one not in WAITS])
def test_with_the_permission_the_step_acts(recorder, operation, kind):
    """What the test above sees of refusals is no accident of its runs: each would act."""
    world = world_of(operation, kind)
    browser = browser_of(User.objects.create_superuser("admin"))
    for door in doors_to(operation).values():
        with taken_back():
            assert not door.go(browser, world, operation)
            assert GRAVE in let_everything_act(recorder, operation)


def test_every_operation_has_a_rule_and_a_need():
    assert set(RULES) == set(NEEDS) == set(Operation)
    assert {operation for operation, rule in RULES.items() if not rule.sets_off} == STOPS


def test_every_verb_and_outcome_is_an_operation():
    assert {one.value for one in (*Verb, *Outcome)} <= {one.value for one in Operation}


def test_every_operation_has_a_page_and_an_address_of_the_api():
    for operation in Operation:
        named = [name.partition(" ")[0] for name in doors_to(operation)]
        assert "API" in named
        assert {"page", "list"} & set(named)


def test_every_writing_method_of_the_api_is_a_door_or_quiet():
    writing = {done(*pair) for pair in SUPPORTED if pair[1] in ("POST", "PUT", "PATCH", "DELETE")}
    assert writing == set(API) | QUIET_API


def test_every_address_of_the_admin_is_a_door_or_quiet():
    quiet = {f"{model}_{name}" for model, names in QUIET_PAGES.items() for name in names} | {"texts"}
    plain = {
        f"{model._meta.model_name}_{name}"
        for model in admin.site._registry
        if model._meta.app_label == "stripeflow_workflows"
        for name in _PLAIN
    }
    prefix = "stripeflow_workflows_"
    names = {pattern.name for own in admin.site._registry.values() for pattern in own.urls if pattern.name}
    ours = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    assert ours - plain == (set(PAGES) | quiet) - plain


def test_every_action_of_a_list_is_a_door_or_quiet():
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    found = {
        (model.__name__, name)
        for model, own in admin.site._registry.items()
        if model._meta.app_label.startswith("stripeflow")
        for name in own.get_actions(request)
    }
    assert found - {(model, "delete_selected") for model, _name in found} == set(ACTIONS) | QUIET_ACTIONS


def test_every_command_is_for_the_shell_to_set_off_or_quiet():
    ours = {name.removeprefix("stripeflow_") for name in get_commands() if name.startswith("stripeflow_")}
    assert ours == SETTING_OFF_COMMANDS | QUIET_COMMANDS


def test_an_action_that_is_not_installed_may_move_money_and_change_customers(db):
    missing = document(action("one", "acme.gone"))
    keys = ("operator", "publisher")
    for lacking in ((), ("money",), ("customers",)):
        assert not setting_off.may(user_with_role(*keys, *lacking), Operation.RELEASE, [missing])
    assert setting_off.may(user_with_role(*keys, "money", "customers"), Operation.RELEASE, [missing])
    assert setting_off.may(None, Operation.RELEASE, [missing])


def test_a_branch_that_moves_money_far_inside_counts(db):
    inside = {**action("one"), "on_error": "branch", "error_branch": {"steps": [action("two", "test.money")]}}
    operator = user_with_role("operator")
    assert not setting_off.may(operator, Operation.RETRY, [document(inside)])
    assert setting_off.may(operator, Operation.CANCEL, [document(inside)])
    assert not setting_off.may(operator, Operation.RETRY, [document(action("one")), document(inside)])
