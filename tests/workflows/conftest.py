import pytest

from stripeflow.actions import registry
from stripeflow.actions.base import Repeat
from tests.workflows.recording import Recorder, recording_action


@pytest.fixture
def recorder():
    """What the actions `test.record` (keyed), `test.safe` and `test.ask` were called with."""
    recorder = Recorder()
    with (
        registry.temporarily(recording_action(recorder)),
        registry.temporarily(recording_action(recorder, key="test.safe", repeat=Repeat.SAFE)),
        registry.temporarily(recording_action(recorder, key="test.ask", repeat=Repeat.ASK)),
    ):
        yield recorder


@pytest.fixture
def start(recorder, queue, db):
    """Activate a workflow of these steps, and start a run of it by an event."""
    from stripeflow.workflows.models import Run
    from stripeflow.workflows.operations import lifecycle
    from tests.workflows.documents import document
    from tests.workflows.events import accept, payment

    def start(*steps, obj=None, **options):
        workflow = lifecycle.create(document(*steps, **options))
        lifecycle.activate(workflow)
        event = accept(obj or payment())
        return Run.objects.get(event=event, workflow=workflow)

    return start


@pytest.fixture
def finish(start):
    """Start a run and execute it once; returns it as it is then."""
    from stripeflow.workflows.engine.execution import execute

    def finish(*steps, **options):
        run = start(*steps, **options)
        execute(run.pk)
        run.refresh_from_db()
        return run

    return finish


@pytest.fixture
def money(recorder):
    """A step of the action `test.money`, which moves money."""
    from tests.workflows.documents import action

    kind = recording_action(recorder, key="test.money")
    kind.moves_money = True
    with registry.temporarily(kind):
        yield action("one", "test.money", text="a")
