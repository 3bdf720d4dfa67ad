import pytest

from tests.workflows.documents import document
from tests.workflows.events import accept, payment
from workflows import activation
from workflows.engine.execution import execute
from workflows.models import Run


@pytest.fixture
def start(recorder, rings, db):
    """Activate a workflow of these steps, and start a run of it by an event."""

    def start(*steps, obj=None, **options):
        workflow = activation.create(document(*steps, **options))
        activation.activate(workflow)
        event = accept(obj or payment())
        return Run.objects.get(event=event, workflow=workflow)

    return start


@pytest.fixture
def finish(start):
    """Start a run and execute it once; returns it as it is then."""

    def finish(*steps, **options):
        run = start(*steps, **options)
        execute(run.pk)
        run.refresh_from_db()
        return run

    return finish
