"""Who may do what with workflows: one answer for the admin and the API. See also `setting_off`.

Pages of pieces (trigger, steps, branches, conditions) and documents need `change_workflow`. Payloads of
events, and inputs and outputs of steps, need `view_payload`. A token needs the scope in addition: every
question goes through `_has`.
"""

import copy
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from stripeflow.workflows.models.token_scope import Scope

ADD = "stripeflow_workflows.add_workflow"
CHANGE = "stripeflow_workflows.change_workflow"
DELETE = "stripeflow_workflows.delete_workflow"
VIEW = "stripeflow_workflows.view_workflow"
ACTIVATE = "stripeflow_workflows.activate_workflow"
MOVE_MONEY = "stripeflow_workflows.run_money_moving_workflow"
CHANGE_CUSTOMERS = "stripeflow_workflows.run_customer_changing_workflow"
USE_SWITCH = "stripeflow_workflows.use_switch"
VIEW_RUN = "stripeflow_workflows.view_run"
CHANGE_RUN = "stripeflow_workflows.change_run"
DECIDE = "stripeflow_workflows.decide_approval"
VIEW_EVENT = "stripeflow_triggers.view_event"
VIEW_PAYLOAD = "stripeflow_triggers.view_payload"
VIEW_AUDIT = "stripeflow_workflows.view_auditentry"
VIEW_SECRET = "stripeflow_workflows.view_secret"  # noqa: S105  names of permissions
ADD_SECRET = "stripeflow_workflows.add_secret"  # noqa: S105
CHANGE_SECRET = "stripeflow_workflows.change_secret"  # noqa: S105
DELETE_SECRET = "stripeflow_workflows.delete_secret"  # noqa: S105
VIEW_CONNECTION = "stripeflow_workflows.view_connection"
ADD_CONNECTION = "stripeflow_workflows.add_connection"
CHANGE_CONNECTION = "stripeflow_workflows.change_connection"
DELETE_CONNECTION = "stripeflow_workflows.delete_connection"
USE_CONNECTION = "stripeflow_workflows.use_connection"
VIEW_TEMPLATE = "stripeflow_workflows.view_savedtemplate"
ADD_TEMPLATE = "stripeflow_workflows.add_savedtemplate"
CHANGE_TEMPLATE = "stripeflow_workflows.change_savedtemplate"
DELETE_TEMPLATE = "stripeflow_workflows.delete_savedtemplate"
VIEW_DESTINATION = "stripeflow_workflows.view_eventdestination"
ADD_DESTINATION = "stripeflow_workflows.add_eventdestination"
CHANGE_DESTINATION = "stripeflow_workflows.change_eventdestination"
DELETE_DESTINATION = "stripeflow_workflows.delete_eventdestination"

VIEW_SUPPRESSION = "stripeflow_actions.view_suppression"
ADD_SUPPRESSION = "stripeflow_actions.add_suppression"
DELETE_SUPPRESSION = "stripeflow_actions.delete_suppression"

# What each scope of a token covers. A permission that is missing here is available to no token.
GRANTS: dict[Scope, frozenset[str]] = {
    Scope.READ: frozenset(
        {
            *(VIEW, VIEW_RUN, VIEW_EVENT, VIEW_PAYLOAD, VIEW_AUDIT),
            *(VIEW_SECRET, VIEW_CONNECTION, VIEW_TEMPLATE, VIEW_SUPPRESSION, VIEW_DESTINATION),
        }
    ),
    Scope.RUN: frozenset({CHANGE_RUN, USE_SWITCH}),
    Scope.EDIT: frozenset(
        {
            *(ADD, CHANGE, DELETE, ADD_SECRET, CHANGE_SECRET, DELETE_SECRET),
            *(ADD_CONNECTION, CHANGE_CONNECTION, DELETE_CONNECTION),
            *(ADD_TEMPLATE, CHANGE_TEMPLATE, DELETE_TEMPLATE),
            *(ADD_DESTINATION, CHANGE_DESTINATION, DELETE_DESTINATION),
        }
    ),
    Scope.PUBLISH: frozenset({ACTIVATE, USE_CONNECTION}),
    Scope.APPROVE: frozenset({DECIDE}),
    Scope.CUSTOMERS: frozenset({CHANGE_CUSTOMERS, ADD_SUPPRESSION, DELETE_SUPPRESSION}),
    Scope.MONEY: frozenset({MOVE_MONEY}),
}
# The attribute of a user with the token's scopes; without it the user came in person.
_carried_as = "stripeflow_scopes"
_SCOPES = {permission: scope for scope, covered in GRANTS.items() for permission in covered}


class InsufficientScope(PermissionDenied):
    """The user may do it, but the token may not. `scopes` are the missing ones."""

    def __init__(self, scopes: Iterable[Scope]) -> None:
        self.scopes = tuple(scopes)
        names = ", ".join(f"“{scope.value}”" for scope in self.scopes)
        super().__init__(_("The token lacks the scope %s. Use a token that has it, or make one.") % names)


def confine(user: Any, scopes: frozenset[Scope]) -> None:
    """Limit this object of `user` to the scopes."""
    setattr(user, _carried_as, scopes)


def came_by_token(user: Any) -> bool:
    """Whether this object of the user came by a token, and not in person."""
    return getattr(user, _carried_as, None) is not None


def allow(user: Any, scope: Scope | None) -> bool:
    """Whether `user` came in person, or by a token that has `scope`; None is a scope that nobody has."""
    carried = getattr(user, _carried_as, None)
    return carried is None or scope in carried


def lacking(user: Any, question: Callable[[Any], bool]) -> list[Scope]:
    """The scopes without which `question` is answered no; none if it is no for another reason."""
    carried = getattr(user, _carried_as, None)
    if carried is None or not question(_confined(user, frozenset(Scope))):
        return []
    needed = set(Scope)
    # Drop the strongest first, so that a question that reading answers needs no more.
    for scope in reversed(Scope):
        if question(_confined(user, carried | (needed - {scope}))):
            needed.discard(scope)
    return [scope for scope in Scope if scope in needed]


def _has(user: Any, permission: str) -> bool:
    """Whether `user` has it. Superusers have everything, so the scopes of a token are asked beside."""
    return user.has_perm(permission) and allow(user, _SCOPES.get(permission))


def may_add(user: Any) -> bool:
    """Whether `user` may create workflows: new ones, copies, and from templates."""
    return _has(user, ADD)


def may_view(user: Any) -> bool:
    """Whether `user` may read definitions; who may change them may read them."""
    return _has(user, VIEW) or _has(user, CHANGE)


def may_duplicate(user: Any) -> bool:
    """Whether `user` may copy workflows; who copies one can read it."""
    return may_add(user) and may_view(user)


def may_edit(user: Any) -> bool:
    """Whether `user` may change the definition of workflows."""
    return _has(user, CHANGE)


def may_write(user: Any) -> bool:
    """Whether `user` may check an unsaved definition: people who may create or change workflows."""
    return may_add(user) or may_edit(user)


def may_delete(user: Any) -> bool:
    """Whether `user` may delete workflows that have never run."""
    return _has(user, DELETE)


def may_change_state(user: Any) -> bool:
    """Whether `user` may deactivate, archive and restore, and activate; `setting_off` asks what these do."""
    return _has(user, ACTIVATE)


def may_move_money(user: Any) -> bool:
    """Whether `user` may activate and run workflows that move money or destroy: see `setting_off`."""
    return _has(user, MOVE_MONEY)


def may_change_customers(user: Any) -> bool:
    """Whether `user` may activate and run workflows that change customers: see `setting_off`."""
    return _has(user, CHANGE_CUSTOMERS)


def may_see_runs(user: Any) -> bool:
    """Whether `user` may read the history of runs."""
    return _has(user, VIEW_RUN)


def may_see_payloads(user: Any) -> bool:
    """Whether `user` may read event payloads, and the inputs and outputs of steps."""
    return _has(user, VIEW_PAYLOAD)


def may_cancel_runs(user: Any) -> bool:
    """Whether `user` may end runs that are not finished."""
    return _has(user, CHANGE_RUN)


def may_operate_runs(user: Any) -> bool:
    """Whether `user` may do something to runs: cancel, retry, release, resolve, start again."""
    return _has(user, CHANGE_RUN)


def may_decide(user: Any) -> bool:
    """Whether `user` may decide on approvals. Nobody decides about what they may not see."""
    return _has(user, DECIDE) and may_see_runs(user) and may_see_payloads(user)


def may_replay(user: Any) -> bool:
    """Whether `user` may start runs for stored events; `setting_off` asks what these may do.

    As with a dry run, which events start a run reveals what payloads hold.
    """
    return may_operate_runs(user) and may_rehearse_events(user)


def may_rerun(user: Any) -> bool:
    """Whether `user` may start runs again on another version, whose conditions may ask for other values."""
    return may_operate_runs(user) and may_see_payloads(user)


def may_pause(user: Any) -> bool:
    """Whether `user` may pause workflows, and resume what moves no money. Operators of runs may, too."""
    return _has(user, ACTIVATE) or _has(user, CHANGE_RUN)


def may_use_switch(user: Any) -> bool:
    """Whether `user` may stop all workflows, and start again what moves no money."""
    return _has(user, USE_SWITCH)


def may_set_refund_limits(user: Any) -> bool:
    """Whether `user` may set how much a workflow may refund in a day."""
    return may_edit(user) and may_move_money(user)


def may_see_events(user: Any) -> bool:
    """Whether `user` may read accepted events, without their payloads."""
    return _has(user, VIEW_EVENT)


def may_rehearse_events(user: Any) -> bool:
    """Whether `user` may rehearse a definition on stored events.

    One's own conditions, also of a version that one has published, reveal payloads bit by bit.
    """
    return may_see_events(user) and may_see_payloads(user)


def may_count(user: Any) -> bool:
    """Whether `user` may ask how often the steps of a definition ran."""
    return may_view(user) and may_see_runs(user)


def may_backtest(user: Any) -> bool:
    """Whether `user` may ask which stored events a definition would have started on."""
    return may_view(user) and may_rehearse_events(user)


def may_ask_why(user: Any) -> bool:
    """Whether `user` may ask why workflows ran or did not run on an event."""
    return may_see_events(user) and may_see_runs(user)


def may_see_secrets(user: Any) -> bool:
    """Whether `user` may read the names of secrets, and what they are for; their values are for nobody."""
    return _has(user, VIEW_SECRET)


def may_add_secrets(user: Any) -> bool:
    """Whether `user` may store new secrets."""
    return _has(user, ADD_SECRET)


def may_change_secrets(user: Any) -> bool:
    """Whether `user` may give secrets another value or description."""
    return _has(user, CHANGE_SECRET)


def may_delete_secrets(user: Any) -> bool:
    """Whether `user` may delete secrets that no workflow needs."""
    return _has(user, DELETE_SECRET)


def may_see_connections(user: Any) -> bool:
    """Whether `user` may read connections: where they lead, and which secret they name."""
    return _has(user, VIEW_CONNECTION)


def may_add_connections(user: Any) -> bool:
    """Whether `user` may create connections."""
    return _has(user, ADD_CONNECTION)


def may_change_connections(user: Any) -> bool:
    """Whether `user` may change connections; `setting_off` asks what runs by one that is in use."""
    return _has(user, CHANGE_CONNECTION)


def may_delete_connections(user: Any) -> bool:
    """Whether `user` may delete connections that no workflow needs."""
    return _has(user, DELETE_CONNECTION)


def may_use_connections(user: Any) -> bool:
    """Whether `user` may publish workflows that use connections."""
    return _has(user, USE_CONNECTION)


def may_see_templates(user: Any) -> bool:
    """Whether `user` may read the list of saved templates. The gallery shows them to people who may add."""
    return _has(user, VIEW_TEMPLATE)


def may_save_templates(user: Any) -> bool:
    """Whether `user` may save workflows as templates; others then read what only editors read of these."""
    return _has(user, ADD_TEMPLATE) and may_edit(user)


def may_change_templates(user: Any) -> bool:
    """Whether `user` may rename saved templates."""
    return _has(user, CHANGE_TEMPLATE)


def may_delete_templates(user: Any) -> bool:
    """Whether `user` may delete saved templates."""
    return _has(user, DELETE_TEMPLATE)


def may_see_suppressions(user: Any) -> bool:
    """Whether `user` may read which addresses get no e-mail: addresses of customers, and why."""
    return _has(user, VIEW_SUPPRESSION)


def may_add_suppressions(user: Any) -> bool:
    """Whether `user` may put addresses on that list."""
    return _has(user, ADD_SUPPRESSION)


def may_remove_suppressions(user: Any) -> bool:
    """Whether `user` may take addresses off it, so that customers get e-mail again."""
    return _has(user, DELETE_SUPPRESSION)


def may_see_destinations(user: Any) -> bool:
    """Whether `user` may read where events are sent. Secrets are shown once, to the person who makes them."""
    return _has(user, VIEW_DESTINATION)


def may_see_deliveries(user: Any) -> bool:
    """Whether `user` may read what is sent, which tells of runs."""
    return may_see_destinations(user) and may_see_runs(user)


def may_add_destinations(user: Any) -> bool:
    """Whether `user` may have events of runs sent somewhere; they tell what people read who may see runs."""
    return _has(user, ADD_DESTINATION) and may_see_runs(user)


def may_change_destinations(user: Any) -> bool:
    """Whether `user` may change, enable and disable destinations, rotate secrets, and send events again."""
    return _has(user, CHANGE_DESTINATION) and may_see_deliveries(user)


def may_delete_destinations(user: Any) -> bool:
    """Whether `user` may delete event destinations."""
    return _has(user, DELETE_DESTINATION) and may_see_destinations(user)


def may_see_audit_log(user: Any) -> bool:
    """Whether `user` may read who did what."""
    return _has(user, VIEW_AUDIT)


def _confined(user: Any, scopes: frozenset[Scope]) -> Any:
    twin = copy.copy(user)
    confine(twin, scopes)
    return twin
