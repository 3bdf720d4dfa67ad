import pytest

from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import Wanted
from tests.workflows.destinations.receiver import receiving

ALL = (
    *("run.started", "run.waiting", "run.approval_asked", "run.succeeded", "run.failed"),
    *("run.outcome_unknown", "run.undecided", "run.canceled"),
)


@pytest.fixture
def receiver(settings):
    with receiving() as found:
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "OUTBOUND_ALLOWED_ORIGINS": [found.origin]}
        yield found


@pytest.fixture
def add(db):
    """Add a destination; of all events and workflows, unless told otherwise."""

    def add(url="https://example.com/webhooks", *, title="Warehouse", events=ALL, **options):
        return changes.add(Wanted(title, url, events, **options), NOBODY)

    return add
