import json

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import caches
from django.test import Client

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import ApiToken, Run
from stripeflow.workflows.models.token_scope import Scope
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import document
from tests.workflows.events import accept, payment

ALL = (
    "add_workflow",
    "change_workflow",
    "view_workflow",
    "activate_workflow",
    "run_money_moving_workflow",
    "run_customer_changing_workflow",
    "view_run",
    "change_run",
    "use_switch",
    "view_event",
    "view_payload",
    "view_suppression",
    "add_suppression",
    "delete_suppression",
    "view_secret",
    "add_secret",
    "change_secret",
    "delete_secret",
    "view_connection",
    "add_connection",
    "change_connection",
    "delete_connection",
    "use_connection",
    "view_savedtemplate",
    "add_savedtemplate",
    "change_savedtemplate",
    "delete_savedtemplate",
    "view_eventdestination",
    "add_eventdestination",
    "change_eventdestination",
    "delete_eventdestination",
    "view_auditentry",
    "decide_approval",
)


@pytest.fixture(autouse=True)
def _urls(settings):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"


@pytest.fixture(autouse=True)
def _no_wrong_tokens_before():
    """All tests have one address, and those of one process one cache."""
    caches["default"].clear()


@pytest.fixture
def make_user(db):
    """Make a staff user with permissions, by their codenames."""

    def make(*codenames, username="editor", **fields):
        user = User.objects.create_user(username, f"{username}@example.com", is_staff=True, **fields)
        apps = ("stripeflow_workflows", "stripeflow_triggers", "stripeflow_actions")
        found = Permission.objects.filter(codename__in=codenames, content_type__app_label__in=apps)
        user.user_permissions.set(found)
        return user

    return make


class Api:
    """Calls the API with a token, as a program does."""

    def __init__(self, user=None, *, scopes=tuple(Scope)):
        self.client = Client(raise_request_exception=True, enforce_csrf_checks=True)
        self.headers = {}
        if user is not None:
            self.token = ApiToken(user=user, name="test")
            self.token.granted = scopes
            self.token_text = self.token.issue()
            self.headers["Authorization"] = f"Bearer {self.token_text}"
            self.token.save()

    def __call__(self, method, path, body=None, *, raw=None, headers=None):
        data = raw if raw is not None else b"" if body is None else json.dumps(body)
        return self.client.generic(
            method,
            path if path.startswith("http") else f"/api/v1/{path}",
            data,
            content_type="application/json",
            headers={**self.headers, **(headers or {})},
        )

    def get(self, path, **options):
        return self("GET", path, **options)

    def post(self, path, body=None, **options):
        return self("POST", path, body, **options)

    def put(self, path, body=None, *, etag=None, **options):
        headers = {"If-Match": etag} if etag else {}
        return self("PUT", path, body, headers=headers, **options)


@pytest.fixture
def api_for():
    return Api


@pytest.fixture
def api(make_user):
    """The API for a user who may do everything."""
    return Api(make_user(*ALL))


@pytest.fixture
def recorded_run(recorder, queue, db):
    """Activate a workflow of these steps, start a run of it by an event, and execute it once."""

    def recorded_run(*steps, obj=None, executed=True, **options):
        workflow = lifecycle.create(document(*steps, **options))
        lifecycle.activate(workflow)
        run = Run.objects.get(event=accept(obj or payment()), workflow=workflow)
        if executed:
            execute(run.pk)
            run.refresh_from_db()
        return run

    return recorded_run
