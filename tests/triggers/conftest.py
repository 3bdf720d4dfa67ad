import pytest

from stripeflow.triggers import inbox
from tests.postgres import postgres_cluster, postgres_url  # noqa: F401  fixtures
from tests.triggers.stripe_events import SECRET


@pytest.fixture(autouse=True)
def _no_handler():
    """The inbox alone: what is registered by other apps is put back afterwards."""
    with inbox.temporary_handler(None):
        yield


@pytest.fixture
def handled():
    """The events that the handler was called with."""
    events = []
    with inbox.temporary_handler(events.append):
        yield events


@pytest.fixture
def rung(queue):
    """The queue in memory, under the name that older tests ask for."""
    return queue


@pytest.fixture
def endpoint(db):
    from djstripe.models import WebhookEndpoint

    return WebhookEndpoint.objects.create(
        id="we_test",
        secret=SECRET,
        url="https://example.com/hook",
        enabled_events=["*"],
        livemode=False,
        status="enabled",
    )
