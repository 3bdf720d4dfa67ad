import pytest

from stripeflow.workflows.checks.customer_email import check_customer_email
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db

INPUTS = {"to": "{{ trigger.receipt_email }}", "subject": "Hi", "body": "Hello", "message_type": "marketing"}


@pytest.fixture
def sender(settings):
    def to(text):
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "CUSTOMER_EMAIL_FROM": text}

    return to


@pytest.fixture
def active(sender):
    sender("shop@shop.example")
    workflow = lifecycle.create(document(action("mail", "email.customer", **INPUTS), name="Dunning"))
    lifecycle.activate(workflow)


def found():
    return [(one.id, one.msg) for one in check_customer_email(None, databases=["default"])]


def test_an_active_workflow_without_a_sender_is_reported(active, sender):
    assert found() == []
    sender("")
    ((key, message),) = found()
    assert key == "stripeflow.E115"
    assert "“Dunning”" in message
    assert "CUSTOMER_EMAIL_FROM" in message


def test_a_site_without_the_page_to_unsubscribe_is_reported(active, settings):
    settings.ROOT_URLCONF = "tests.triggers.urls"
    ((_key, message),) = found()
    assert "stripeflow.workflows.suppressions.urls" in message


def test_no_active_workflow_needs_no_sender(db, sender):
    sender("")
    assert found() == []
