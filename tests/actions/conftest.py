import pytest

from stripeflow.actions.context import ActionContext
from stripeflow_site.standin.driver import Standin


@pytest.fixture
def make_context():
    def make(**changes):
        facts = {
            "run_id": "0b5f3a52-0000-4000-8000-000000000001",
            "workflow_name": "Fraud warnings",
            "step_key": "refund",
            "step_name": "Create a refund",
            "idempotency_key": "stripeflow:0b5f3a52-0000-4000-8000-000000000001:refund:1",
            "event_id": "evt_1",
        }
        return ActionContext(**(facts | changes))

    return make


@pytest.fixture
def context(make_context):
    return make_context()


@pytest.fixture(scope="session")
def running_standin(tmp_path_factory):
    ledger = tmp_path_factory.mktemp("standin") / "ledger.jsonl"
    with Standin.start(ledger=ledger) as running:
        yield running


@pytest.fixture
def standin(running_standin, settings, db):
    """The stand-in, empty, and the actions set up to talk to it."""
    running_standin.reset()
    settings.STRIPE_TEST_SECRET_KEY = running_standin.api_key
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "STRIPE_API_BASE": running_standin.url}
    return running_standin


@pytest.fixture
def staff(django_user_model, db):
    def make(username, *, is_active=True, is_staff=True, email=None, **fields):
        address = f"{username}@example.com" if email is None else email
        return django_user_model.objects.create_user(
            username, address, is_active=is_active, is_staff=is_staff, **fields
        )

    return make
