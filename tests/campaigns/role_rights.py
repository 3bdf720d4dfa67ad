"""Which rows each permission lets a person change, and what else was changed."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django_q.models import Schedule

from stripeflow.actions.models import Suppression
from stripeflow.workflows import permissions
from stripeflow.workflows.models import (
    AccountPause,
    Activation,
    ApiToken,
    AuditEntry,
    Branch,
    CancelEvent,
    Condition,
    Connection,
    Deauthorization,
    DeliveryAttempt,
    DestinationSecret,
    Edit,
    EventDelivery,
    EventDestination,
    EventSubscription,
    FavouriteAction,
    OutgoingEvent,
    Reservation,
    Run,
    RunOperation,
    SavedTemplate,
    Secret,
    Spending,
    Step,
    StepRun,
    Switch,
    Trigger,
    Workflow,
    WorkflowVersion,
)

# A page's alone: no token makes tokens, so that the permission has no scope.
ADD_TOKEN = "stripeflow_workflows.add_apitoken"  # noqa: S105
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
# The machinery's rows, which no person's right is about, are not judged: sessions, queue, counted log-ins.
APPS = (
    "stripeflow_workflows",
    "stripeflow_triggers",
    "stripeflow_actions",
    "auth",
    "contenttypes",
    "admin",
    "djstripe",
)
PIECES = (Trigger, Condition, Step, Branch, CancelEvent, Edit)
PAUSE = frozenset({"paused_at", "paused_reason", "updated_at"})
ALL_OF_IT = frozenset({ADDED, REMOVED, CHANGED})

Rights = dict[type[Model], frozenset[str]]
Rows = dict[type[Model], dict[Any, dict[str, Any]]]

_OF_RUNS: Rights = {
    Run: frozenset({ADDED, CHANGED}),
    StepRun: frozenset({ADDED, CHANGED}),
    RunOperation: frozenset({ADDED}),
    Reservation: frozenset({CHANGED, REMOVED}),
    Spending: frozenset({CHANGED}),
    AccountPause: frozenset({CHANGED, REMOVED}),
    Deauthorization: frozenset({CHANGED}),
    Workflow: PAUSE,
}
_OF_PIECES: Rights = dict.fromkeys(PIECES, ALL_OF_IT)
_OF_DESTINATIONS: tuple[type[Model], ...] = (
    EventSubscription,
    DestinationSecret,
    EventDestination.workflows.through,
)
# Each needs all of the permissions before it. Names of columns stand for a change of these alone.
RIGHTS: tuple[tuple[frozenset[str], Rights], ...] = (
    (frozenset({permissions.CHANGE_RUN}), _OF_RUNS),
    (frozenset({permissions.USE_SWITCH}), {Switch: ALL_OF_IT, Run: frozenset({CHANGED})}),
    (
        frozenset({permissions.ADD}),
        {Workflow: frozenset({ADDED}), **dict.fromkeys(PIECES, frozenset({ADDED}))},
    ),
    (
        frozenset({permissions.CHANGE}),
        {
            Workflow: frozenset({"name", "description", "revision", "updated_at", "owner_id"}),
            **_OF_PIECES,
            FavouriteAction: frozenset({ADDED, REMOVED}),
        },
    ),
    (
        frozenset({permissions.DELETE}),
        {
            **dict.fromkeys((Workflow, WorkflowVersion, Activation, *PIECES), frozenset({REMOVED})),
        },
    ),
    (
        frozenset({permissions.ACTIVATE}),
        {
            Workflow: frozenset({"status", "active_version_id", "revision"}) | PAUSE,
            WorkflowVersion: frozenset({ADDED}),
            Activation: frozenset({ADDED, "ended_at"}),
            Run: frozenset({CHANGED}),
            AccountPause: frozenset({CHANGED, REMOVED}),
            Deauthorization: frozenset({CHANGED}),
        },
    ),
    (
        frozenset({permissions.CHANGE, permissions.MOVE_MONEY}),
        {Workflow: frozenset({"refund_caps", "customer_caps", "updated_at"})},
    ),
    (frozenset({ADD_TOKEN}), {ApiToken: frozenset({ADDED, "revoked_at"})}),
    (frozenset({permissions.ADD_SECRET}), {Secret: frozenset({ADDED})}),
    (frozenset({permissions.CHANGE_SECRET}), {Secret: frozenset({CHANGED})}),
    (frozenset({permissions.DELETE_SECRET}), {Secret: frozenset({REMOVED})}),
    (frozenset({permissions.ADD_CONNECTION}), {Connection: frozenset({ADDED})}),
    (frozenset({permissions.CHANGE_CONNECTION}), {Connection: frozenset({CHANGED})}),
    (frozenset({permissions.DELETE_CONNECTION}), {Connection: frozenset({REMOVED})}),
    (
        frozenset({permissions.ADD_TEMPLATE, permissions.CHANGE}),
        {SavedTemplate: frozenset({ADDED})},
    ),
    (frozenset({permissions.CHANGE_TEMPLATE}), {SavedTemplate: frozenset({CHANGED})}),
    (frozenset({permissions.DELETE_TEMPLATE}), {SavedTemplate: frozenset({REMOVED})}),
    (frozenset({permissions.ADD_SUPPRESSION}), {Suppression: frozenset({ADDED})}),
    (frozenset({permissions.DELETE_SUPPRESSION}), {Suppression: frozenset({REMOVED})}),
    (
        frozenset({permissions.ADD_DESTINATION, permissions.VIEW_RUN}),
        {EventDestination: frozenset({ADDED}), **dict.fromkeys(_OF_DESTINATIONS, frozenset({ADDED}))},
    ),
    (
        frozenset({permissions.CHANGE_DESTINATION, permissions.VIEW_DESTINATION, permissions.VIEW_RUN}),
        {
            EventDestination: frozenset({CHANGED}),
            **dict.fromkeys(_OF_DESTINATIONS, ALL_OF_IT),
            OutgoingEvent: frozenset({ADDED}),
            EventDelivery: frozenset({ADDED, CHANGED}),
        },
    ),
    (
        frozenset({permissions.DELETE_DESTINATION, permissions.VIEW_DESTINATION}),
        dict.fromkeys(
            (EventDestination, *_OF_DESTINATIONS, EventDelivery, DeliveryAttempt), frozenset({REMOVED})
        ),
    ),
)
# Every act, and every attempt, leaves a row in the log.
_ALWAYS: Rights = {AuditEntry: frozenset({ADDED})}


def rights_of(names: frozenset[str]) -> Rights:
    """What somebody with exactly these permissions may change."""
    found = dict(_ALWAYS)
    for needed, rights in RIGHTS:
        if needed <= names:
            for model, what in rights.items():
                found[model] = found.get(model, frozenset()) | what
            # Django's own log of its pages.
            found[LogEntry] = frozenset({ADDED})
    return found


def rows() -> Rows:
    """Every row that is judged, by table and primary key."""
    models = [one for one in apps.get_models(include_auto_created=True) if one._meta.app_label in APPS]
    return {
        model: {row[model._meta.pk.attname]: row for row in model._base_manager.values()}
        for model in (*models, Schedule)
        if not model._meta.proxy
    }


def beyond(before: Rows, after: Rows, rights: Rights) -> Iterator[str]:
    """What was changed in the rows that these rights do not let somebody change."""
    for model, old in before.items():
        allowed, new = rights.get(model, frozenset()), after[model]
        for pk in old.keys() | new.keys():
            if told := _beyond(old.get(pk), new.get(pk), allowed):
                yield f"{model._meta.label} {pk}: {told}"


def _beyond(old: dict[str, Any] | None, new: dict[str, Any] | None, allowed: frozenset[str]) -> str:
    if old is None or new is None:
        what = ADDED if old is None else REMOVED
        return "" if what in allowed else what
    columns = {name for name in old if old[name] != new[name]}
    if not columns or CHANGED in allowed:
        return ""
    return ", ".join(sorted(columns - allowed))
