"""Every route and method: as nobody, as staff without permissions, with them, by tokens of each scope."""

import re

import pytest

from stripeflow.workflows.api.urls import urlpatterns
from stripeflow.workflows.models.token_scope import Scope
from stripeflow.workflows.permissions import GRANTS

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
VALUES = {"pk": "1", "number": "1", "item": "1", "key": "evt_1", "name": "charge", "rest": "no/such/address"}
RUN = "00000000-0000-0000-0000-000000000000"
# Who may activate workflows may do these, too.
PAUSES = {"Pauses.pause", "Pauses.resume", "DisconnectedAccounts.reconnect"}
# What each thing done needs; the test fails for one that is not listed.
NEEDS = {
    "Workflows.list": {"view_workflow"},
    "Workflows.retrieve": {"view_workflow"},
    "Workflows.create": {"add_workflow"},
    "Workflows.update": {"change_workflow"},
    "Workflows.validate_document": {"add_workflow"},
    "Workflows.validate": {"view_workflow"},
    "Workflows.activate": {"activate_workflow"},
    "Workflows.deactivate": {"activate_workflow"},
    "Workflows.archive": {"activate_workflow"},
    "Workflows.restore": {"activate_workflow"},
    "Workflows.duplicate": {"add_workflow", "view_workflow"},
    "Rehearsals.test": {"view_workflow"},
    "Rehearsals.backtest": {"view_workflow", "view_event", "view_payload"},
    "CountsOfSteps.counts": {"view_workflow", "view_run"},
    "Versions.list": {"view_workflow"},
    "Versions.retrieve": {"view_workflow"},
    "Templates.list": {"view_workflow"},
    "Templates.create_workflow": {"add_workflow"},
    "Templates.save": {"add_savedtemplate", "change_workflow"},
    "Templates.change": {"change_savedtemplate"},
    "Templates.remove": {"delete_savedtemplate"},
    "Templates.backtest": {"view_workflow", "view_event", "view_payload"},
    "Runs.list": {"view_run"},
    "Runs.retrieve": {"view_run"},
    "Items.list": {"view_run"},
    "Items.retrieve": {"view_run"},
    "Items.preview": {"view_run"},
    **{
        f"RunOperations.{name}": {"change_run"}
        for name in (
            "cancel",
            "retry",
            "release",
            "wake",
            "restart",
            "resolve",
            "choose",
            "bulk",
            "bulk_resolve",
            "bulk_choose",
        )
    },
    "RunOperations.rerun": {"change_run", "view_payload"},
    "Approvals.list": {"view_run"},
    "Approvals.retrieve": {"view_run"},
    "Approvals.decide": {"decide_approval", "view_run", "view_payload"},
    "Approvals.bulk_decide": {"decide_approval", "view_run", "view_payload"},
    "Pauses.pause": {"change_run"},
    "Pauses.resume": {"change_run"},
    "DailyLimits.show": {"view_workflow"},
    "DailyLimits.set": {"change_workflow", "run_money_moving_workflow"},
    "DisconnectedAccounts.list": {"view_run"},
    "DisconnectedAccounts.reconnect": {"change_run"},
    "Audit.list": {"view_auditentry"},
    "Suppressions.list": {"view_suppression"},
    "Suppressions.create": {"add_suppression"},
    "Suppressions.remove": {"delete_suppression"},
    "Secrets.list": {"view_secret"},
    "Secrets.retrieve": {"view_secret"},
    "Secrets.create": {"add_secret"},
    "Secrets.change": {"change_secret"},
    "Secrets.remove": {"delete_secret"},
    "Destinations.list": {"view_eventdestination"},
    "Destinations.retrieve": {"view_eventdestination"},
    "Destinations.create": {"add_eventdestination", "view_run"},
    **{
        f"Destinations.{name}": {"change_eventdestination", "view_eventdestination", "view_run"}
        for name in ("change", "enable", "disable", "rotate", "ping")
    },
    "Destinations.remove": {"delete_eventdestination", "view_eventdestination"},
    "Deliveries.list": {"view_eventdestination", "view_run"},
    "Deliveries.retrieve": {"view_eventdestination", "view_run"},
    "Deliveries.send_again": {"change_eventdestination", "view_eventdestination", "view_run"},
    "Connections.list": {"view_connection"},
    "Connections.retrieve": {"view_connection"},
    "Connections.create": {"add_connection"},
    "Connections.change": {"change_connection"},
    "Connections.remove": {"delete_connection"},
    "KillSwitch.show": {"use_switch"},
    "KillSwitch.turn": {"use_switch"},
    "Replays.preview": {"change_run", "view_event", "view_payload"},
    "Replays.start": {"change_run", "view_event", "view_payload"},
    "BulkInvocations.preview": {"change_run"},
    "BulkInvocations.start": {"change_run"},
    "Schedules.retrieve": {"view_workflow"},
    "Schedules.left_out": {"view_workflow"},
    "Schedules.preview": {"change_run", "view_event", "view_payload"},
    "Schedules.fill": {"change_run", "view_event", "view_payload"},
    "Invocations.invoke": {"change_run"},
    "Invocations.describe": {"view_workflow"},
    "Events.list": {"view_event"},
    "Events.retrieve": {"view_event"},
    "Events.why": {"view_event", "view_run"},
    "Catalogue.trigger_types": {"view_workflow"},
    "Catalogue.event_types": {"view_workflow"},
    "Catalogue.objects": {"view_workflow"},
    "Catalogue.object_fields": {"view_workflow"},
    "Catalogue.actions": {"view_workflow"},
    "Catalogue.one_action": {"view_workflow"},
    "Catalogue.operations": {"view_workflow"},
    "Catalogue.operators": {"view_workflow"},
    "Catalogue.filters": {"view_workflow"},
    "InstalledSdk.show": {"view_workflow"},
    "Schema.get": set(),
    "Docs.get": set(),
    "NothingHere.nothing": set(),
}

SCOPES = {name.partition(".")[2]: scope for scope, names in GRANTS.items() for name in names}


def covered(scopes):
    """The permissions that a token of these scopes uses. People who may change workflows may read them."""
    found = {codename for codename, scope in SCOPES.items() if scope in scopes}
    return found | ({"view_workflow"} if "change_workflow" in found else set())


def address(pattern):
    values = VALUES | ({"pk": RUN} if pattern.name.startswith("run") else {})
    text = str(pattern.pattern)
    if pattern.name == "nothing":
        return values["rest"]
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], text)


def done(pattern, method):
    """What the route does on a method, as "class.action"; None if it has no such method."""
    actions = getattr(pattern.callback, "actions", None) or {"get": "get"}
    name = actions.get("get" if method == "HEAD" else method.lower())
    return name and f"{pattern.callback.cls.__name__}.{name}"


ALL_PAIRS = [(pattern, method) for pattern in urlpatterns for method in METHODS]
SUPPORTED = [(pattern, method) for pattern, method in ALL_PAIRS if done(pattern, method)]


def named(value):
    return value if isinstance(value, str) else value.name


@pytest.mark.parametrize(("pattern", "method"), ALL_PAIRS, ids=named)
def test_nobody_gets_401(api_for, db, pattern, method):
    response = api_for()(method, address(pattern))
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("pattern", "method"), [pair for pair in SUPPORTED if NEEDS[done(*pair)]], ids=named)
def test_staff_without_permissions_gets_403(api_for, make_user, pattern, method):
    assert api_for(make_user())(method, address(pattern)).status_code == 403


@pytest.mark.parametrize(("pattern", "method"), SUPPORTED, ids=named)
def test_with_the_permission_it_is_let_in(api_for, make_user, pattern, method):
    response = api_for(make_user(*NEEDS[done(pattern, method)]))(method, address(pattern))
    assert response.status_code not in (401, 403)
    assert response.status_code < 500


@pytest.mark.parametrize(
    ("pattern", "method", "missing"),
    [(*pair, one) for pair in SUPPORTED for one in sorted(NEEDS[done(*pair)])],
    ids=named,
)
def test_without_one_of_the_permissions_it_is_refused(api_for, make_user, pattern, method, missing):
    others = {codename for needs in NEEDS.values() for codename in needs} - {missing}
    # Who may change workflows may read them, and have a definition checked.
    checked = done(pattern, method) == "Workflows.validate_document"
    others -= {"change_workflow"} if missing == "view_workflow" or checked else set()
    others -= {"activate_workflow"} if done(pattern, method) in PAUSES else set()
    assert api_for(make_user(*others))(method, address(pattern)).status_code == 403


@pytest.mark.parametrize("pair", SUPPORTED, ids=lambda pair: f"{pair[1]} {pair[0].name}")
def test_a_token_needs_the_scopes_of_what_it_does(api_for, make_user, pair):
    """A superuser's token with one scope, and with all but one, is let in just where those are enough."""
    pattern, method = pair
    superuser = make_user(is_superuser=True)
    for scopes in [{one} for one in Scope] + [set(Scope) - {one} for one in Scope]:
        response = api_for(superuser, scopes=scopes)(method, address(pattern))
        lacking = NEEDS[done(*pair)] - covered(scopes)
        if "add_workflow" in lacking:
            # The scope that it needs covers reading them.
            lacking -= {"view_workflow"}
        missing = {SCOPES[codename] for codename in lacking}
        if missing and not (done(*pair) in PAUSES and Scope.PUBLISH in scopes):
            told = " ".join(scope for scope in Scope if scope in missing)
            assert response.status_code == 403
            assert method == "HEAD" or response.json()["error"]["code"] == "insufficient_scope"
            assert response["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{told}"'
        else:
            assert response.status_code not in (401, 403)


@pytest.mark.parametrize(("pattern", "method"), [pair for pair in ALL_PAIRS if not done(*pair)], ids=named)
def test_a_method_that_a_route_has_not_is_405(api_for, make_user, pattern, method):
    response = api_for(make_user())(method, address(pattern))
    if method == "OPTIONS":
        assert response.status_code == (404 if pattern.name == "nothing" else 204)
        return
    assert response.status_code == 405
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("pattern", [one for one in urlpatterns if one.name != "nothing"], ids=named)
def test_allow_names_what_a_route_has(api, pattern):
    allowed = {method for method in METHODS if done(pattern, method)} | {"OPTIONS"}
    for method in ("OPTIONS", "PATCH"):
        assert set(api(method, address(pattern))["Allow"].split(", ")) == allowed


def test_every_view_declares_what_it_does():
    for pattern, method in SUPPORTED:
        name = done(pattern, method).partition(".")[2]
        assert name in pattern.callback.cls.access


def test_what_is_not_declared_is_refused(api, monkeypatch):
    monkeypatch.setattr("stripeflow.workflows.api.runs.Runs.access", {})
    assert api.get("runs/").status_code == 403
