"""Who may set off what: one rule for all that lets a step act.

To stop is for many. To let act what moves money or destroys something is for those who may do that, and the
frozen version says which it is. What a person does to runs and workflows has an entry in `RULES`, or cannot
be done at all.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows import permissions
from workflows.access import money_check
from workflows.credentials.token_scopes import InsufficientScope, lacking
from workflows.definition.sending import sends_values
from workflows.definition.undecided import moves_or_destroys
from workflows.definition.walk import Json


class Operation(StrEnum):
    """What a person does that lets steps act, or keeps them from it. Verbs and outcomes have their names."""

    CANCEL = "cancel"
    RETRY = "retry"
    RELEASE = "release"
    RESTART = "restart"
    RERUN = "rerun"
    HAPPENED = "happened"
    DID_NOT_HAPPEN = "did_not_happen"
    AGAIN = "again"
    CHOOSE = "choose"
    REPLAY = "replay"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    PAUSE = "pause"
    RESUME = "resume"
    RECONNECT = "reconnect"
    STOP_ALL = "stop_all"
    START_ALL = "start_all"
    REPLACE_SECRET = "replace_secret"  # noqa: S105  a name


@dataclass(frozen=True)
class Rule:
    """What an operation needs: the answer to `question`, and `message` for people who may not.

    With `sets_off`, the permission to move money in addition, where a version that may act moves money or
    destroys something; `money_message` says that it is missing. With `publishes`, the permission to see
    payloads, where the version sends values of events somewhere else: its author could read them there;
    `sends_message` says that it is missing.
    """

    question: Callable[[Any], bool]
    message: Promise
    sets_off: bool
    money_message: Promise | None = None
    publishes: bool = False
    sends_message: Promise | None = None


_CHANGE_RUNS = _("This needs the permission to change runs.")
_RERUN = _("This needs the permissions to change runs and to see payloads.")
_REPLAY = _("This needs the permissions to change runs, to view events and to see payloads.")
_ACTIVATE = _("This needs the permission to activate workflows.")
_PAUSE = _("This needs the permission to change runs, or to activate workflows.")
_SWITCH = _("This needs the permission to stop all workflows, and start them again.")
_REPLACE_SECRET = _("This needs the permission to change secrets.")
MOVES_MONEY = _(
    "This workflow moves money or destroys something, or an action of it is not installed. It needs the "
    "permission “Can activate and run workflows that move money”."
)

SENDS_VALUES = _(
    "This workflow sends values of events out, as in an e-mail or in metadata, or an action of it is not "
    "installed. To publish it needs the permission “Can view the payload of events”. Ask somebody who has it."
)
_STARTS_MONEY = _(
    "An active workflow moves money or destroys something, or an action of it is not installed, and new "
    "events would set it off. That needs the permission “Can activate and run workflows that move money”. "
    "Ask somebody who has it, or pause that workflow first."
)
_SECRET_OF_MONEY = _(
    "A workflow that runs uses this secret, and moves money or destroys something, or an action of it is not "
    "installed. To replace the value needs the permission “Can activate and run workflows that move money”. "
    "Ask somebody who has it."
)
_SECRET_OF_VALUES = _(
    "A workflow that runs uses this secret, and sends values of events out. To replace the value needs the "
    "permission “Can view the payload of events”. Ask somebody who has it."
)

RULES: dict[Operation, Rule] = {
    Operation.CANCEL: Rule(permissions.may_cancel_runs, _CHANGE_RUNS, sets_off=False),
    Operation.RETRY: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.RELEASE: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.RESTART: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.RERUN: Rule(permissions.may_rerun, _RERUN, sets_off=True),
    Operation.HAPPENED: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    # The run may go on, and the share of the day's limit is free again.
    Operation.DID_NOT_HAPPEN: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.AGAIN: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.CHOOSE: Rule(permissions.may_operate_runs, _CHANGE_RUNS, sets_off=True),
    Operation.REPLAY: Rule(permissions.may_replay, _REPLAY, sets_off=True),
    Operation.ACTIVATE: Rule(permissions.may_change_state, _ACTIVATE, sets_off=True, publishes=True),
    Operation.DEACTIVATE: Rule(permissions.may_change_state, _ACTIVATE, sets_off=False),
    Operation.PAUSE: Rule(permissions.may_pause, _PAUSE, sets_off=False),
    Operation.RESUME: Rule(permissions.may_pause, _PAUSE, sets_off=True),
    Operation.RECONNECT: Rule(permissions.may_pause, _PAUSE, sets_off=True, money_message=_STARTS_MONEY),
    Operation.STOP_ALL: Rule(permissions.may_use_switch, _SWITCH, sets_off=False),
    Operation.START_ALL: Rule(
        permissions.may_use_switch, _SWITCH, sets_off=True, money_message=_STARTS_MONEY
    ),
    # What is frozen goes on with the new value: with another key, or to another receiver.
    Operation.REPLACE_SECRET: Rule(
        permissions.may_change_secrets,
        _REPLACE_SECRET,
        sets_off=True,
        money_message=_SECRET_OF_MONEY,
        publishes=True,
        sends_message=_SECRET_OF_VALUES,
    ),
}


def may(user: Any, operation: Operation, documents: Iterable[Json]) -> bool:
    """Whether `user` may do it to what runs on these frozen documents; None, the command line, may.

    For what is offered: `check` asks for a proof in addition, which who sees the offer can give.
    """
    return not _permission_missing(user, operation, documents)


def check(user: Any, operation: Operation, documents: Iterable[Json]) -> None:
    """Raise `PermissionDenied`, with a sentence, unless `user` may, and has proved who they are.

    That is `money_check.ProofNeeded` for people who may, and `InsufficientScope` where their token may not.
    """
    known = list(documents)
    if told := _permission_missing(user, operation, known):
        if scopes := lacking(user, lambda one: may(one, operation, known)):
            raise InsufficientScope(scopes)
        raise PermissionDenied(told)
    if _is_grave(operation, known):
        money_check.check(user)


def refusal(user: Any, operation: Operation, documents: Iterable[Json]) -> str:
    """Why `check` would refuse `user`, as a sentence, or ""."""
    try:
        check(user, operation, documents)
    except PermissionDenied as error:
        return str(error)
    return ""


def may_all(user: Any) -> bool:
    """Whether no version has steps that `user` may not let act, and that there is nothing to prove."""
    return user is None or (permissions.may_move_money(user) and not money_check.refusal(user))


def _permission_missing(user: Any, operation: Operation, documents: Iterable[Json]) -> str:
    if user is None:
        return ""
    rule = RULES[operation]
    if not rule.question(user):
        return str(rule.message)
    known = list(documents)
    if permissions.may_move_money(user) or not _is_grave(operation, known):
        return _not_to_be_sent(user, rule, known)
    return str(rule.money_message or MOVES_MONEY)


def _not_to_be_sent(user: Any, rule: Rule, documents: list[Json]) -> str:
    if not rule.publishes or permissions.may_see_payloads(user):
        return ""
    return str(rule.sends_message or SENDS_VALUES) if any(map(sends_values, documents)) else ""


def _is_grave(operation: Operation, documents: Iterable[Json]) -> bool:
    """Whether it sets off something that moves money or destroys."""
    return RULES[operation].sets_off and any(moves_or_destroys(document["steps"]) for document in documents)
