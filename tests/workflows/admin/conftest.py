import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from stripeflow.workflows.models import Workflow
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill

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
