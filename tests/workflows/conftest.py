import pytest

import actions.registry
from actions.base import Repeat
from tests.workflows.recording import Recorder, recording_action


@pytest.fixture(autouse=True)
def _no_kept_plans():
    """Each test's database gives its ids anew."""
    # Imported here: the tests of the pure packages need no models.
    from workflows.definition.plan import forget_plans

    forget_plans()


@pytest.fixture
def recorder():
    """What the actions `test.record` (keyed), `test.safe` and `test.ask` were called with."""
    recorder = Recorder()
    with (
        actions.registry.temporarily(recording_action(recorder)),
        actions.registry.temporarily(recording_action(recorder, key="test.safe", repeat=Repeat.SAFE)),
        actions.registry.temporarily(recording_action(recorder, key="test.ask", repeat=Repeat.ASK)),
    ):
        yield recorder


@pytest.fixture
def rings(monkeypatch):
    """The ids of the runs that were rung, in place of a queue."""
    rung = []
    monkeypatch.setattr("workflows.queue.enqueue", lambda _path, run_id: rung.append(run_id))
    return rung
