"""Runs and workflows in the states that wait for a person, and every door by which one may act on them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.workflows.access.setting_off import Operation
from stripeflow.workflows.admin.runs.operating import now_text
from stripeflow.workflows.credentials import connection_changes, secret_changes
from stripeflow.workflows.credentials.connection_changes import Wanted
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing, switch
from stripeflow.workflows.models import (
    AccountPause,
    Approval,
    Connection,
    Deauthorization,
    Decision,
    Run,
    Schedule,
    Secret,
    StepRun,
    Switch,
    Workflow,
)
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.approvals import approval, approver, asked
from tests.workflows.documents import action, branch, compare, document, group, usd, way
from tests.workflows.events import accept, payment
from tests.workflows.on_demand import AMOUNT, on_demand
from tests.workflows.schedules.documents import scheduled

ACCOUNT = "acct_1"
# What the last step of every workflow here does, as the recorder is told.
GRAVE = "grave"


@dataclass
class World:
    """One workflow with what waits: a run, an event, an account; None where there is nothing of the kind."""

    workflow: Workflow
    run: Run | None = None
    event: Event | None = None
    account: Deauthorization | None = None
    secret: Secret | None = None
    connection: Connection | None = None


def definition(key: str, **inputs: Any) -> dict[str, Any]:
    """A step that may fail, a branch, and a step of the action `key` with further `inputs`."""
    first = {**action("first", text="first"), "on_error": "continue"}
    large = group(compare("trigger.amount", "greater_than", usd(15)))
    choose = branch("choose", way("large", large, action("ask", text="ask")))
    return document(first, choose, action("last", key, text=GRAVE, **inputs))


def waiting(key: str) -> dict[str, Any]:
    """A step that waits, and one of the action `key`."""
    wait = {"key": "wait", "type": "wait", "name": "", "inputs": {"amount": 3, "unit": "days"}}
    return document(wait, action("last", key, text=GRAVE))


def approving(key: str) -> dict[str, Any]:
    """A step that asks people, and one of the action `key`."""
    return document(approval(), action("last", key, text=GRAVE))


def world_of(operation: Operation, key: str, reason: str = "") -> World:
    """What `operation` is about, with a workflow whose last step is of the action `key`."""
    if operation is Operation.REPLACE_SECRET:
        secret = secret_changes.store("shop", "swordfish")
        workflow = lifecycle.create(definition(key, password={"secret": "shop"}))
        lifecycle.activate(workflow)
        return World(workflow, secret=secret)
    if operation is Operation.CHANGE_CONNECTION:
        connection = connection_changes.create("shop", Wanted("Shop", address="https://shop.example.com"))
        workflow = lifecycle.create(definition(key, connection="shop"))
        lifecycle.activate(workflow)
        return World(workflow, connection=connection)
    if operation is Operation.START:
        workflow = lifecycle.create(on_demand(AMOUNT, steps=definition(key)["steps"]))
        lifecycle.activate(workflow)
        return World(workflow)
    if operation is Operation.FILL:
        workflow = lifecycle.create(scheduled(action("last", key, text=GRAVE), repeats="hours", every=1))
        lifecycle.activate(workflow)
        return World(workflow)
    made = {Operation.WAKE: waiting, Operation.DECIDE: approving}.get(operation, definition)
    if operation is Operation.DECIDE and not User.objects.filter(username="keeper").exists():
        # So that somebody is left to decide.
        approver("keeper")
    workflow = lifecycle.create(made(key))
    if operation is Operation.ACTIVATE:
        return World(workflow)
    if operation is Operation.REPLAY:
        event = accept(payment(), created=timezone.now().timestamp() - 3600)
        lifecycle.activate(workflow)
        return World(workflow, event=event)
    lifecycle.activate(workflow)
    if operation in (Operation.DEACTIVATE, Operation.PAUSE, Operation.STOP_ALL):
        return World(workflow)
    run = Run.objects.get(event=accept(payment(), account=ACCOUNT), workflow=workflow)
    account = _prepare(operation, run, reason)
    if operation is Operation.RERUN:
        lifecycle.activate(workflow)
    run.refresh_from_db()
    return World(workflow, run, account=account)


def _prepare(operation: Operation, run: Run, reason: str) -> Deauthorization | None:
    outcomes = (Operation.HAPPENED, Operation.DID_NOT_HAPPEN, Operation.AGAIN)
    if operation in outcomes:
        _leave(run, RunStatus.OUTCOME_UNKNOWN)
        _step(run, "first", StepStatus.OUTCOME_UNKNOWN, may_have_acted=True)
    elif operation is Operation.RETRY:
        _leave(run, RunStatus.FAILED, error={"step": "first", "message": "No."}, finished_at=timezone.now())
        _step(run, "first", StepStatus.FAILED)
    elif operation in (Operation.RESTART, Operation.RERUN):
        _leave(run, RunStatus.SUCCEEDED, finished_at=timezone.now())
    elif operation is Operation.CHOOSE:
        _hold(run, HeldReason.UNDECIDED)
        _step(run, "first", StepStatus.SUCCEEDED)
        _step(run, "choose", StepStatus.WAITING, kind="branch", action="")
    elif operation in (Operation.WAKE, Operation.DECIDE):
        execute(run.pk)
    elif operation is Operation.RESUME:
        pausing.pause(run.workflow_id, "Incident.")
        _hold(run, HeldReason.PAUSED)
    elif operation is Operation.START_ALL:
        switch.stop(reason="Incident.")
        _hold(run, HeldReason.SWITCH)
    elif operation is Operation.RECONNECT:
        _hold(run, HeldReason.DEAUTHORIZED)
        now = timezone.now()
        return Deauthorization.objects.create(
            livemode=False, account=ACCOUNT, told_at=now, deauthorized_at=now, held_at=now
        )
    else:
        _hold(run, HeldReason(reason or HeldReason.OBJECT))
    return None


def _leave(run: Run, status: RunStatus, **columns: Any) -> None:
    Run.objects.filter(pk=run.pk).update(status=status, claims=1, **columns)


def _hold(run: Run, reason: HeldReason) -> None:
    _leave(run, RunStatus.HELD, held_reason=reason)


def _step(run: Run, key: str, status: StepStatus, **columns: Any) -> None:
    columns = {"kind": "action", "action": "test.record", "inputs": {"text": key}, **columns}
    at = {"started_at": timezone.now(), "finished_at": None}
    StepRun.of(run, path=key, step_key=key, status=status, **at, **columns).save()


def state_of_everything() -> tuple[Any, ...]:
    """All that an operation may change."""
    return (
        set(Run.objects.values_list("pk", "status", "held_reason", "version", "due_at")),
        set(StepRun.objects.values_list("pk", "status", "superseded_at")),
        set(Approval.objects.values_list("pk", "status")),
        Decision.objects.count(),
        set(Workflow.objects.values_list("pk", "status", "paused_at", "active_version")),
        set(Switch.objects.values_list("pk", "stopped_at")),
        set(Deauthorization.objects.values_list("pk", "deauthorized_at")),
        AccountPause.objects.count(),
        set(Secret.objects.values_list("pk", "changed_at")),
        set(Connection.objects.values_list("pk", "changed_at")),
    )


@dataclass(frozen=True)
class Door:
    """A way to do `operations`; `go` tries one, and says whether it was refused."""

    operations: frozenset[Operation]
    go: Callable[[Any, World, Operation], bool]


VERBS = frozenset(
    {
        *(Operation.CANCEL, Operation.RETRY, Operation.RELEASE),
        *(Operation.WAKE, Operation.RESTART, Operation.RERUN),
    }
)
OUTCOMES = frozenset({Operation.HAPPENED, Operation.DID_NOT_HAPPEN, Operation.AGAIN})


def _post_page(client: Any, name: str, args: list[Any], **fields: Any) -> bool:
    response = client.post(reverse(f"admin:stripeflow_workflows_{name}", args=args), fields)
    assert response.status_code in (200, 302, 403), response.status_code
    return response.status_code == 403


def _run_page(client: Any, world: World, operation: Operation) -> bool:
    return _post_page(client, f"run_{operation}", [world.run.pk], seen_at=now_text())


def _start_page(client: Any, world: World, operation: Operation) -> bool:
    version = world.workflow.active_version.number
    said = {
        "key": str(uuid4()),
        "version": version,
        "input-amount_amount": "20",
        "input-amount_currency": "usd",
    }
    return _post_page(client, "workflow_start", [world.workflow.pk], **said)


def _last_time(world: World) -> datetime:
    return cast(datetime, Schedule.objects.get(workflow=world.workflow).next_at) - timedelta(hours=1)


def _bulk_page(client: Any, world: World, operation: Operation) -> bool:
    version = world.workflow.active_version.number
    table = "amount,amount_currency\n20,usd\n"
    said = {"key": str(uuid4()), "version": version, "table": table, "confirm": "20.00 USD", "start": "1"}
    return _post_page(client, "workflow_bulk", [world.workflow.pk], **said)


def _fill_page(client: Any, world: World, operation: Operation) -> bool:
    number = world.workflow.active_version.number
    said = {"version": number, "again": int(_last_time(world).timestamp()), "confirm": "1"}
    return _post_page(client, "workflow_fill", [world.workflow.pk], seen_at=now_text(), **said)


def _resolve_page(client: Any, world: World, operation: Operation) -> bool:
    said = {"outcome": operation.value, "outputs": "{}", "revision": world.run.revision}
    return _post_page(client, "run_resolve", [world.run.pk], **said)


def _choose_page(client: Any, world: World, operation: Operation) -> bool:
    said = {"branch": "otherwise", "revision": world.run.revision}
    return _post_page(client, "run_choose", [world.run.pk], **said)


def _decide_page(client: Any, world: World, operation: Operation) -> bool:
    found = asked(world.run)
    said = {"approval": found.pk, "seen": found.digest, "verdict": "approve"}
    return _post_page(client, "run_decide", [world.run.pk], **said)


def _waiting_page(client: Any, world: World, operation: Operation) -> bool:
    found = asked(world.run)
    said = {"approval": f"{found.pk}:{found.digest}", "verdict": "approve", "confirmed": "1"}
    address = reverse("admin:stripeflow_workflows_approval_changelist")
    return _told_so(client.post(address, said))


def _resolve_many_page(client: Any, world: World, operation: Operation) -> bool:
    said = {"outcome": operation.value, "run": f"{world.run.pk}:{world.run.revision}"}
    address = reverse("admin:stripeflow_workflows_run_resolve_many")
    return _told_so(client.post(address, said))


def _replay_page(client: Any, world: World, operation: Operation) -> bool:
    said = {"version": world.workflow.active_version_id, "events": world.event.pk, "start": "1"}
    return _post_page(client, "run_replay", [], seen_at=now_text(), **said)


def _workflow_page(client: Any, world: World, operation: Operation) -> bool:
    said = {"revision": world.workflow.revision, "reason": "To look."}
    return _post_page(client, f"workflow_{operation}", [world.workflow.pk], **said)


def _switch_page(client: Any, world: World, operation: Operation) -> bool:
    said = {"stop": "1", "reason": "To look."} if operation is Operation.STOP_ALL else {"start": "1"}
    return _post_page(client, "switch_changelist", [], **said)


def _secret_page(client: Any, world: World, operation: Operation) -> bool:
    address = reverse("admin:stripeflow_workflows_secret_change", args=[world.secret.pk])
    return _told_so(client.post(address, {"description": "", "typed": "halibut"}))


def _connection_page(client: Any, world: World, operation: Operation) -> bool:
    address = reverse("admin:stripeflow_workflows_connection_change", args=[world.connection.pk])
    new = {"title": "Shop", "kind": "http", "address": "https://other.example.com", "auth": "none"}
    return _told_so(client.post(address, new))


def _list_action(model: str, of: Callable[[World], Any]) -> Callable[[Any, World, Operation], bool]:
    def go(client: Any, world: World, operation: Operation) -> bool:
        said = {"action": operation.value, "_selected_action": [str(of(world).pk)], "index": 0}
        address = reverse(f"admin:stripeflow_workflows_{model}_changelist")
        return _told_so(client.post(address, {**said, "seen_at": now_text()}))

    return go


def _told_so(response: Any) -> bool:
    """Whether it was refused: by a 403, by a message, or since the list has no such action."""
    told = [str(one) for one in get_messages(response.wsgi_request)]
    return response.status_code in (200, 403) or any("permission" in one for one in told)


def _post_api(client: Any, path: str, body: Any = None, **headers: str) -> Any:
    sent = {"content_type": "application/json", "headers": headers}
    response = client.post(f"/api/v1/{path}", body or {}, **sent)
    assert response.status_code in (200, 201, 403, 409), response.content
    return response


def _of_run(client: Any, world: World, operation: Operation) -> bool:
    return _post_api(client, f"runs/{world.run.pk}/{operation}/").status_code == 403


def _resolve(client: Any, world: World, operation: Operation) -> bool:
    body = {"outcome": operation.value, "revision": world.run.revision}
    return _post_api(client, f"runs/{world.run.pk}/resolve/", body).status_code == 403


def _choose(client: Any, world: World, operation: Operation) -> bool:
    body = {"branch": "otherwise", "revision": world.run.revision}
    return _post_api(client, f"runs/{world.run.pk}/choose/", body).status_code == 403


def _decide(client: Any, world: World, operation: Operation) -> bool:
    found = asked(world.run)
    body = {"verdict": "approve", "digest": found.digest}
    return _post_api(client, f"approvals/{found.pk}/decide/", body).status_code == 403


def _all_approvals(world: World, operation: Operation) -> dict[str, Any]:
    found = asked(world.run)
    return {"verdict": "approve", "approvals": [{"id": found.pk, "digest": found.digest}]}


def _in_bulk(path: str, body: Callable[[World, Operation], Any]) -> Callable[[Any, World, Operation], bool]:
    def go(client: Any, world: World, operation: Operation) -> bool:
        response = _post_api(client, path, body(world, operation))
        if response.status_code == 403:
            return True
        return [one["code"] for one in response.json()["results"]] == ["permission_denied"]

    return go


def _one(world: World) -> list[dict[str, Any]]:
    return [{"id": str(world.run.pk), "revision": world.run.revision}]


def _replay(client: Any, world: World, operation: Operation) -> bool:
    body = {"workflow": world.workflow.pk, "events": [world.event.external_id]}
    return _post_api(client, "replays/", body).status_code == 403


def _invoke(client: Any, world: World, operation: Operation) -> bool:
    body, key = {"inputs": {"amount": usd(20)}}, {"Idempotency-Key": str(uuid4())}
    return _post_api(client, f"workflows/{world.workflow.pk}/invoke/", body, **key).status_code == 403


def _bulk(client: Any, world: World, operation: Operation) -> bool:
    body = {"lines": [{"amount": usd(20)}], "confirm": "20.00 USD"}
    key = {"Idempotency-Key": str(uuid4())}
    return _post_api(client, f"workflows/{world.workflow.pk}/invoke/bulk/", body, **key).status_code == 403


def _fill(client: Any, world: World, operation: Operation) -> bool:
    now, at = (one.isoformat() for one in (timezone.now(), _last_time(world)))
    number = world.workflow.active_version.number
    body = {"version": number, "again": [at], "seen_at": now, "confirm": 1}
    return _post_api(client, f"workflows/{world.workflow.pk}/schedule/fill/", body).status_code == 403


def _of_workflow(client: Any, world: World, operation: Operation) -> bool:
    seen = {"If-Match": f'"{world.workflow.revision}"'}
    return _post_api(client, f"workflows/{world.workflow.pk}/{operation}/", **seen).status_code == 403


def _reconnect(client: Any, world: World, operation: Operation) -> bool:
    path = f"disconnected-accounts/{world.account.pk}/reconnect/"
    return _post_api(client, path).status_code == 403


def _turn(client: Any, world: World, operation: Operation) -> bool:
    body = {"stopped": operation is Operation.STOP_ALL}
    return _post_api(client, "switch/", body).status_code == 403


def _replace_secret(client: Any, world: World, operation: Operation) -> bool:
    address = f"/api/v1/secrets/{world.secret.name}/"
    response = client.put(address, {"value": "halibut"}, content_type="application/json")
    assert response.status_code in (200, 403), response.content
    return response.status_code == 403


def _change_connection(client: Any, world: World, operation: Operation) -> bool:
    address = f"/api/v1/connections/{world.connection.name}/"
    new = {"title": "Shop", "address": "https://other.example.com"}
    response = client.put(address, new, content_type="application/json")
    assert response.status_code in (200, 403), response.content
    return response.status_code == 403


def _only(*operations: Operation) -> frozenset[Operation]:
    return frozenset(operations)


# By the names of the admin's addresses.
PAGES: dict[str, Door] = {
    **{f"run_{verb}": Door(_only(verb), _run_page) for verb in VERBS},
    "run_resolve": Door(OUTCOMES, _resolve_page),
    "run_resolve_many": Door(OUTCOMES, _resolve_many_page),
    "run_choose": Door(_only(Operation.CHOOSE), _choose_page),
    "run_decide": Door(_only(Operation.DECIDE), _decide_page),
    "approval_changelist": Door(_only(Operation.DECIDE), _waiting_page),
    "run_replay": Door(_only(Operation.REPLAY), _replay_page),
    "workflow_start": Door(_only(Operation.START), _start_page),
    "workflow_bulk": Door(_only(Operation.START), _bulk_page),
    "workflow_fill": Door(_only(Operation.FILL), _fill_page),
    **{
        f"workflow_{one}": Door(_only(one), _workflow_page)
        for one in (Operation.ACTIVATE, Operation.DEACTIVATE, Operation.PAUSE, Operation.RESUME)
    },
    "switch_changelist": Door(_only(Operation.STOP_ALL, Operation.START_ALL), _switch_page),
    "secret_change": Door(_only(Operation.REPLACE_SECRET), _secret_page),
    "connection_change": Door(_only(Operation.CHANGE_CONNECTION), _connection_page),
}
# By model and name, of the lists' actions.
ACTIONS: dict[tuple[str, str], Door] = {
    **{
        ("Run", verb.value): Door(_only(verb), _list_action("run", lambda world: world.run)) for verb in VERBS
    },
    ("Deauthorization", "reconnect"): Door(
        _only(Operation.RECONNECT), _list_action("deauthorization", lambda world: world.account)
    ),
}
# By class and method of the view.
API: dict[str, Door] = {
    **{f"RunOperations.{verb}": Door(_only(verb), _of_run) for verb in VERBS},
    "RunOperations.resolve": Door(OUTCOMES, _resolve),
    "RunOperations.choose": Door(_only(Operation.CHOOSE), _choose),
    "RunOperations.bulk": Door(
        VERBS,
        _in_bulk("runs/bulk/", lambda world, verb: {"operation": verb.value, "ids": [str(world.run.pk)]}),
    ),
    "RunOperations.bulk_resolve": Door(
        OUTCOMES,
        _in_bulk(
            "runs/bulk/resolve/", lambda world, outcome: {"outcome": outcome.value, "runs": _one(world)}
        ),
    ),
    "RunOperations.bulk_choose": Door(
        _only(Operation.CHOOSE),
        _in_bulk("runs/bulk/choose/", lambda world, _one_of: {"branch": "otherwise", "runs": _one(world)}),
    ),
    "Approvals.decide": Door(_only(Operation.DECIDE), _decide),
    "Approvals.bulk_decide": Door(
        _only(Operation.DECIDE), _in_bulk("approvals/bulk/decide/", _all_approvals)
    ),
    "Replays.start": Door(_only(Operation.REPLAY), _replay),
    "Invocations.invoke": Door(_only(Operation.START), _invoke),
    "BulkInvocations.start": Door(_only(Operation.START), _bulk),
    "Schedules.fill": Door(_only(Operation.FILL), _fill),
    "Workflows.activate": Door(_only(Operation.ACTIVATE), _of_workflow),
    "Workflows.deactivate": Door(_only(Operation.DEACTIVATE), _of_workflow),
    "Pauses.pause": Door(_only(Operation.PAUSE), _of_workflow),
    "Pauses.resume": Door(_only(Operation.RESUME), _of_workflow),
    "DisconnectedAccounts.reconnect": Door(_only(Operation.RECONNECT), _reconnect),
    "Secrets.change": Door(_only(Operation.REPLACE_SECRET), _replace_secret),
    "Connections.change": Door(_only(Operation.CHANGE_CONNECTION), _change_connection),
    "KillSwitch.turn": Door(_only(Operation.STOP_ALL, Operation.START_ALL), _turn),
}


def doors_to(operation: Operation) -> dict[str, Door]:
    """Every way to do it, by a name for messages."""
    named = {
        **{f"page {name}": door for name, door in PAGES.items()},
        **{f"list {model} {name}": door for (model, name), door in ACTIONS.items()},
        **{f"API {name}": door for name, door in API.items()},
    }
    return {name: door for name, door in named.items() if operation in door.operations}
