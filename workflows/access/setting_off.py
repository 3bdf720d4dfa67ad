"""Who may set off what: one rule for all that lets a step act.

Many people may stop things. Only people with the permission (`guarded`) may start steps that move money,
destroy something or change customers; the frozen version says which of these it does. Everything that a
person does to runs and workflows has an entry in `RULES`, or cannot be done at all.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows import permissions
from stripeflow.workflows.access import money_check
from stripeflow.workflows.access.guarded import GUARDED, Guarded, Through
from stripeflow.workflows.definition.connection_names import uses_connections
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.sending import sends_values
from stripeflow.workflows.permissions import InsufficientScope, lacking


class Operation(StrEnum):
    """What a person does that starts or stops steps. Verbs and outcomes have the same names."""

    CANCEL = "cancel"
    RETRY = "retry"
    RELEASE = "release"
    WAKE = "wake"
    RESTART = "restart"
    RERUN = "rerun"
    HAPPENED = "happened"
    DID_NOT_HAPPEN = "did_not_happen"
    AGAIN = "again"
    CHOOSE = "choose"
    DECIDE = "decide"
    REPLAY = "replay"
    START = "start"
    FILL = "fill"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    PAUSE = "pause"
    RESUME = "resume"
    RECONNECT = "reconnect"
    STOP_ALL = "stop_all"
    START_ALL = "start_all"
    REPLACE_SECRET = "replace_secret"  # noqa: S105  a name
    CHANGE_CONNECTION = "change_connection"


@dataclass(frozen=True)
class Rule:
    """What an operation needs: the answer to `question`, and `message` for people who may not.

    With `sets_off`, the permission of each guarded kind in addition that a version which may act has;
    `through` chooses the sentence that says that it is missing. With `publishes`, the permission to see
    payloads, where the version sends values of events somewhere else: its author could read them there;
    `sends_message` says that it is missing. With `connects`, the permission to use connections, where it
    does.
    """

    question: Callable[[Any], bool]
    message: Promise
    sets_off: bool
    through: Through = Through.THIS_WORKFLOW
    publishes: bool = False
    sends_message: Promise | None = None
    connects: bool = False


_CHANGE_RUNS = _("This needs the permission to change runs.")
_RERUN = _("This needs the permissions to change runs and to see payloads.")
_REPLAY = _("This needs the permissions to change runs, to view events and to see payloads.")
_DECIDE = _("This needs the permissions to decide on approvals, to view runs and to see payloads.")
_ACTIVATE = _("This needs the permission to activate workflows.")
_PAUSE = _("This needs the permission to change runs, or to activate workflows.")
_SWITCH = _("This needs the permission to stop all workflows, and start them again.")
_CHANGE_CONNECTION = _("This needs the permission to change connections.")
_REPLACE_SECRET = _("This needs the permission to change secrets.")
SENDS_VALUES = _(
    "This workflow sends values of events out, as in an e-mail or in metadata, or an action of it is not "
    "installed. To publish it needs the permission “Can view the payload of events”. Ask somebody who has it."
)
_SECRET_OF_VALUES = _(
    "A workflow that runs uses this secret, and sends values of events out. To replace the value needs the "
    "permission “Can view the payload of events”. Ask somebody who has it."
)
_CONNECTION_OF_VALUES = _(
    "A workflow that runs uses this connection, and sends values of events out. To change the connection "
    "needs the permission “Can view the payload of events”. Ask somebody who has it."
)
_CONNECTS = _(
    "This workflow calls another service by a connection. To publish it, or to change the connection, needs "
    "the permission “Can publish workflows that use connections”. Ask somebody who has it."
)

RULES: dict[Operation, Rule] = {
    Operation.CANCEL: Rule(permissions.may_cancel_runs, _CHANGE_RUNS, sets_off=False),
    Operation.RETRY: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.RELEASE: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.WAKE: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.RESTART: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.RERUN: Rule(permissions.may_rerun, _RERUN, sets_off=True),
    Operation.HAPPENED: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    # The run may go on, and the share of the day's limit is free again.
    Operation.DID_NOT_HAPPEN: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.AGAIN: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.CHOOSE: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    # The run goes on, whichever way it is decided.
    Operation.DECIDE: Rule(permissions.may_decide, _DECIDE, sets_off=True),
    Operation.REPLAY: Rule(permissions.may_replay, _REPLAY, sets_off=True),
    Operation.START: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.FILL: Rule(permissions.may_replay, _REPLAY, sets_off=True),
    Operation.ACTIVATE: Rule(
        permissions.may_change_state, _ACTIVATE, sets_off=True, publishes=True, connects=True
    ),
    Operation.DEACTIVATE: Rule(permissions.may_change_state, _ACTIVATE, sets_off=False),
    Operation.PAUSE: Rule(permissions.may_pause, _PAUSE, sets_off=False),
    Operation.RESUME: Rule(permissions.may_pause, _PAUSE, sets_off=True),
    Operation.RECONNECT: Rule(permissions.may_pause, _PAUSE, sets_off=True, through=Through.NEW_EVENTS),
    Operation.STOP_ALL: Rule(permissions.may_use_switch, _SWITCH, sets_off=False),
    Operation.START_ALL: Rule(permissions.may_use_switch, _SWITCH, sets_off=True, through=Through.NEW_EVENTS),
    # Frozen steps use the new value: another key, or another receiver.
    Operation.REPLACE_SECRET: Rule(
        permissions.may_change_secrets,
        _REPLACE_SECRET,
        sets_off=True,
        through=Through.SECRET,
        publishes=True,
        sends_message=_SECRET_OF_VALUES,
    ),
    # Frozen steps go where it leads.
    Operation.CHANGE_CONNECTION: Rule(
        permissions.may_change_connections,
        _CHANGE_CONNECTION,
        sets_off=True,
        through=Through.CONNECTION,
        publishes=True,
        sends_message=_CONNECTION_OF_VALUES,
        connects=True,
    ),
}


def may(user: Any, operation: Operation, documents: Iterable[Json]) -> bool:
    """Whether `user` may do it to what runs on these frozen documents; None, the command line, may.

    For what a page offers. `check` asks for a proof in addition, which the person can then give.
    """
    return not permission_missing(user, operation, documents)


def check(user: Any, operation: Operation, documents: Iterable[Json]) -> None:
    """Raise `PermissionDenied`, with a sentence, unless `user` may, and has proved who they are.

    That is `money_check.ProofNeeded` for people who may, and `InsufficientScope` where their token may not.
    """
    known = list(documents)
    if sentence := permission_missing(user, operation, known):
        if scopes := lacking(user, lambda one: may(one, operation, known)):
            raise InsufficientScope(scopes)
        raise PermissionDenied(sentence)
    if any(kind.asks_for_proof and _sets_off(operation, kind, known) for kind in GUARDED):
        money_check.check(user)


def refusal(user: Any, operation: Operation, documents: Iterable[Json]) -> str:
    """Why `check` would refuse `user`, as a sentence, or ""."""
    try:
        check(user, operation, documents)
    except PermissionDenied as error:
        return str(error)
    return ""


def may_all(user: Any) -> bool:
    """Whether `user` may set off every kind of step, and has nothing to prove."""
    if user is None:
        return True
    return all(kind.question(user) for kind in GUARDED) and not money_check.refusal(user)


def permission_missing(user: Any, operation: Operation, documents: Iterable[Json]) -> str:
    """Which permission `user` does not have for it, as a sentence, or "". Asks for no proof: see `may`."""
    if user is None:
        return ""
    rule = RULES[operation]
    if not rule.question(user):
        return str(rule.message)
    known = list(documents)
    for kind in GUARDED:
        if not kind.question(user) and _sets_off(operation, kind, known):
            return str(kind.messages[rule.through])
    return _not_to_be_sent(user, rule, known) or _not_to_be_connected(user, rule, known)


def needed_permissions(document: Json) -> Iterator[str]:
    """The permissions that activating a document of these steps needs, besides the one to activate."""
    yield from (kind.permission for kind in GUARDED if kind.is_in(document))
    if sends_values(document):
        yield permissions.VIEW_PAYLOAD
    if uses_connections(document):
        yield permissions.USE_CONNECTION


def _not_to_be_sent(user: Any, rule: Rule, documents: list[Json]) -> str:
    if not rule.publishes or permissions.may_see_payloads(user):
        return ""
    return str(rule.sends_message or SENDS_VALUES) if any(map(sends_values, documents)) else ""


def _not_to_be_connected(user: Any, rule: Rule, documents: list[Json]) -> str:
    if not rule.connects or permissions.may_use_connections(user):
        return ""
    return str(_CONNECTS) if any(map(uses_connections, documents)) else ""


def _sets_off(operation: Operation, kind: Guarded, documents: list[Json]) -> bool:
    return RULES[operation].sets_off and any(map(kind.is_in, documents))
