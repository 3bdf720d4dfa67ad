import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from stripeflow.workflows import lifecycle
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from tests.workflows.documents import document
from tests.workflows.events import accept, payment

READS = ("view_run", "view_workflow", "view_event")


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
