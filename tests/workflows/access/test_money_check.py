"""A project's own question before money moves, at every door; and what a token without the scope may not."""

import logging

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from django.urls import reverse

from stripeflow.actions import registry
from stripeflow.actions.connections import ConnectionInput
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.access import money_check
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.access.setting_off import RULES, Operation
from stripeflow.workflows.admin.runs.operating import now_text
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.limits import switch
from stripeflow.workflows.limits.caps import set_caps
from stripeflow.workflows.models import ApiToken, Workflow
from stripeflow.workflows.models.token_scope import Scope
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.operations.verbs import perform_each
from tests.workflows.recording import recording_action
from tests.workflows.setting_off_doors import API, doors_to, state_of_everything, world_of

MONEY, HARMLESS = "test.money", "test.record"
ASK = "Enter the code of your second factor at /account/ first."
SETS_OFF = [operation for operation, rule in RULES.items() if rule.sets_off]
answers = {}
asked = []


def verifier(user):
    """What a project has: it may answer anything."""
    asked.append(user)
    answer = answers["now"]
    if isinstance(answer, Exception):
        raise answer
    return answer


@pytest.fixture(autouse=True)
def _project(settings, recorder, queue, db):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MONEY_CHECK": f"{__name__}.verifier"}
    asked.clear()
    answers["now"] = ASK
    money, harmless = (recording_action(recorder, key=key) for key in (MONEY, HARMLESS))
    money.moves_money = True
    for kind in (money, harmless):
        kind.inputs += (
            StringInput("password", label="Password", secret=True, references=False),
            ConnectionInput("connection", label="Connection"),
        )
    with registry.temporarily(money), registry.temporarily(harmless):
        yield


@pytest.fixture
def root():
    return User.objects.create_superuser("root")


def set_up(operation, key=MONEY):
    """A world in which it can be done, made by the command line, which nobody asks."""
    world = world_of(operation, key)
    assert asked == []
    return world


def tried(go, client, world, operation):
    """What is the case after it was tried, and whether anything is other than before; taken back then."""
    with transaction.atomic():
        switch.forget()
        before = state_of_everything()
        go(client, world, operation)
        changed = state_of_everything() != before
        transaction.set_rollback(True)
    switch.forget()
    return changed


@pytest.mark.parametrize("operation", SETS_OFF)
def test_nothing_that_moves_money_is_set_off_without_the_proof(root, operation):
    world, browser = set_up(operation), Client()
    browser.force_login(root)
    for name, door in doors_to(operation).items():
        answers["now"] = ASK
        assert not tried(door.go, browser, world, operation), name
        answers["now"] = True
        assert tried(door.go, browser, world, operation), name


@pytest.mark.parametrize("operation", SETS_OFF)
def test_what_moves_no_money_needs_no_proof(root, operation):
    world, browser = set_up(operation, HARMLESS), Client()
    browser.force_login(root)
    for name, door in doors_to(operation).items():
        assert tried(door.go, browser, world, operation), name


@pytest.mark.parametrize("operation", [one for one in Operation if one not in SETS_OFF])
def test_to_stop_needs_no_proof(root, operation):
    world, browser = set_up(operation), Client()
    browser.force_login(root)
    for name, door in doors_to(operation).items():
        assert tried(door.go, browser, world, operation), name


@pytest.mark.parametrize("operation", SETS_OFF)
def test_a_token_without_the_scope_money_sets_off_nothing_that_moves_money(root, operation):
    answers["now"] = True
    world = set_up(operation)
    for scopes in (set(Scope) - {Scope.MONEY}, set(Scope)):
        caller = Client(headers={"Authorization": f"Bearer {token_of(root, scopes)}"})
        for name, door in API.items():
            if operation in door.operations and "bulk" not in name:
                assert tried(door.go, caller, world, operation) is (Scope.MONEY in scopes), name


def token_of(user, scopes):
    token = ApiToken(user=user, name="CI")
    token.granted = scopes
    text = token.issue()
    token.save()
    return text


@pytest.mark.parametrize(
    ("scopes", "code"), [(set(Scope), "proof_needed"), (set(Scope) - {Scope.MONEY}, "insufficient_scope")]
)
def test_a_program_is_told_what_is_missing(root, scopes, code):
    run = set_up(Operation.RETRY).run
    caller = Client(headers={"Authorization": f"Bearer {token_of(root, scopes)}"})
    error = caller.post(f"/api/v1/runs/{run.pk}/retry/", {}, content_type="application/json").json()["error"]
    assert (error["type"], error["code"]) == ("permission", code)
    body = {"operation": "retry", "ids": [str(run.pk)]}
    answer = caller.post("/api/v1/runs/bulk/", body, content_type="application/json")
    assert [one["code"] for one in answer.json()["results"]] == [code]


@pytest.mark.parametrize(
    ("operation", "name"), [(Operation.RETRY, "run_retry"), (Operation.ACTIVATE, "workflow_activate")]
)
def test_a_person_is_told_what_to_do_on_the_page(root, operation, name):
    world, browser = set_up(operation), Client()
    browser.force_login(root)
    about = world.run or world.workflow
    said = {"revision": world.workflow.revision, "seen_at": now_text()}
    response = browser.post(reverse(f"admin:stripeflow_workflows_{name}", args=[about.pk]), said)
    assert [str(one) for one in get_messages(response.wsgi_request)] == [ASK]


def test_the_command_line_is_not_asked(root):
    run = set_up(Operation.RETRY).run
    [result] = perform_each([run.pk], "retry", Act())
    assert result.code == ""
    assert asked == []


@pytest.mark.parametrize("answer", [None, False, 1, "", ASK, ZeroDivisionError("no")], ids=repr)
def test_only_true_lets_somebody(root, answer, caplog):
    answers["now"] = answer
    with caplog.at_level(logging.CRITICAL):
        assert money_check.refusal(root).endswith("first.")


def test_without_the_setting_nobody_is_asked(root, settings):
    settings.STRIPEFLOW = {
        name: value for name, value in settings.STRIPEFLOW.items() if name != "MONEY_CHECK"
    }
    assert money_check.refusal(root) == ""


def test_a_daily_limit_needs_the_proof(root):
    workflow = set_up(Operation.PAUSE).workflow
    with pytest.raises(ProofNeeded):
        set_caps(workflow, {"usd": 1}, Act(root), seen={})
    assert Workflow.objects.get().refund_caps == {}


def test_a_token_that_moves_money_needs_the_proof(root):
    browser = Client()
    browser.force_login(root)
    said = {"name": "CI", "user": root.pk, "expires_at_0": "", "expires_at_1": ""}
    address = reverse("admin:stripeflow_workflows_apitoken_add")
    page = browser.post(address, {**said, "scopes": ["read", "money"]})
    assert ASK in page.content.decode()
    assert not ApiToken.objects.exists()
    browser.post(address, {**said, "scopes": ["read", "publish"]})
    assert ApiToken.objects.get().scopes == "read publish"


def test_an_activation_by_the_function_itself_needs_the_proof(root):
    workflow = set_up(Operation.ACTIVATE).workflow
    with pytest.raises(ProofNeeded):
        lifecycle.activate(workflow, Act(root))
    assert not workflow.versions.exists()
