"""A message to a customer, from the event to the outbox: what the action is told of the step."""

import pytest
from django.core import mail

from stripeflow.actions.customer_mail.links import BREAK
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

MAIL = action(
    "mail",
    "email.customer",
    to="{{ trigger.receipt_email }}",
    subject="Thank you",
    body="Dear {{ trigger.description }}, see https://shop.example/o/{{ trigger.id }}",
    message_type="transactional",
)


@pytest.fixture
def run(settings, queue):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "CUSTOMER_EMAIL_FROM": "shop@shop.example"}
    lifecycle.activate(lifecycle.create(document(MAIL)))

    def run(**envelope):
        paid = payment(receipt_email="jane@example.com", description="Eve evil.example")
        made = Run.objects.get(event=accept(paid, **envelope))
        execute(made.pk)
        made.refresh_from_db()
        return made.status, made.steps.get().outputs

    return run


def test_the_first_run_sends_and_the_second_one_succeeds_without(run):
    status, outputs = run(livemode=True)
    assert (status, outputs["sent"], outputs["to"]) == ("succeeded", True, "jane@example.com")
    status, outputs = run(livemode=True)
    assert (status, outputs["sent"], outputs["reason"]) == ("succeeded", False, "already_sent")
    (message,) = mail.outbox
    assert "https://shop.example/o/pi_test" in message.body
    assert f"evil.{BREAK}example" in message.body


def test_a_run_in_test_mode_sends_nothing_and_says_so(run):
    status, outputs = run(livemode=False)
    assert (status, outputs["reason"]) == ("succeeded", "test_mode")
    assert mail.outbox == []
