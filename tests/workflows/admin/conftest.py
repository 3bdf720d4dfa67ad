import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill
from tests.workflows.documents import document
from tests.workflows.events import accept, payment

READS = ("view_run", "view_workflow", "view_event")
EDITOR = ("add_workflow", "change_workflow", "view_workflow", "delete_workflow", "activate_workflow")


@pytest.fixture
def user_with(db):
    """Make a staff user with these permissions, by codename."""

    def make(*codenames, username="staff"):
        user = User.objects.create(username=username, email=f"{username}@example.com", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        return user

    return make


@pytest.fixture
def client_with(user_with):
    """A client that is logged in as a staff user with these permissions."""

    def make(*codenames, username="staff"):
        client = Client(raise_request_exception=True)
        client.force_login(user_with(*codenames, username=username))
        return client

    return make


@pytest.fixture
def editor(client_with):
    """A client of one who may do everything with workflows but move money and see payloads."""
    return client_with(*EDITOR, username="editor")


@pytest.fixture
def new_workflow(editor):
    """Make a workflow by the add page, and choose its event on the trigger page."""

    def make(name="Test workflow", event_type="payment_intent.succeeded"):
        fill(editor, address("workflow", "add"), "workflow_form", name=name)
        workflow = Workflow.objects.get(name=name)
        if event_type:
            fill(editor, address(workflow.trigger), "trigger_form", "_continue", event_type=event_type)
        workflow.refresh_from_db()
        return workflow

    return make


@pytest.fixture
def client_for(db):
    """A browser of a staff user with permissions, by their codenames."""

    def client_for(*codenames, username="staff", **fields):
        user = User.objects.create_user(username, is_staff=True, **fields)
        found = Permission.objects.filter(
            codename__in=codenames,
            content_type__app_label__in=["stripeflow_workflows", "stripeflow_triggers"],
        )
        user.user_permissions.set(found)
        client = Client()
        client.force_login(user)
        client.user = user
        return client

    return client_for


@pytest.fixture
def browser(client_for):
    """The browser of somebody who may see everything, payloads too."""
    return client_for(*READS, "view_payload")


@pytest.fixture
def blind(client_for):
    """The browser of somebody who may see runs, but no payloads."""
    return client_for(*READS, username="blind")


@pytest.fixture
def make_run(recorder, queue, db):
    """Activate a workflow of these steps, start a run of it by an event, and execute it once."""

    def make_run(*steps, obj=None, executed=True, **options):
        workflow = lifecycle.create(document(*steps, **options))
        lifecycle.activate(workflow)
        run = Run.objects.get(event=accept(obj or payment()), workflow=workflow)
        if executed:
            execute(run.pk)
            run.refresh_from_db()
        return run

    return make_run
