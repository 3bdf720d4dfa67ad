import pytest

from stripeflow.actions import stripe_client
from tests.actions.conftest import context, make_context, running_standin, standin  # noqa: F401 - fixtures
from tests.workflows.stripe_operations.recording import Recorder


@pytest.fixture
def recorder(monkeypatch, settings):
    """What would be sent."""
    recorder = Recorder()
    monkeypatch.setattr(stripe_client, "_http_client", lambda timeout: recorder)
    settings.STRIPE_TEST_SECRET_KEY = "sk_test_1"
    return recorder
