"""Many workers that write to customers in the same moment: to one address, and below the limit of a day."""

from typing import Any
from unittest import mock
from uuid import uuid4

from django.conf import settings
from django.core import mail
from django.test import override_settings

from stripeflow.actions import registry
from stripeflow.actions.context import ActionContext
from stripeflow.actions.customer_mail.once import Taken, Turn
from stripeflow.actions.errors import PermanentError, Throttled
from stripeflow.actions.models import MailCount, RecentMail
from tests.races.crowd import Meeting, at_once

WORKERS = 16
LIMIT = 5


def workers_on_one_address(rounds: int) -> list[str]:
    return [fault for _ in range(rounds) for fault in _write_to_one()]


def workers_without_a_guard() -> list[str]:
    """The same where each worker reads first, and then writes."""
    meeting = Meeting(WORKERS)

    def take(self: Turn, every: Any) -> Taken:
        is_free = not self._rows().exists()
        meeting.wait()
        return Taken.NEW if is_free else Taken.ALREADY_SENT

    with mock.patch.object(Turn, "take", take):
        return _write_to_one()


def workers_below_the_limit_of_a_day(rounds: int) -> list[str]:
    return [fault for _ in range(rounds) for fault in _write_to_many()]


def _write_to_one() -> list[str]:
    purpose, address = uuid4().hex, f"{uuid4().hex}@example.com"
    results = _write([address] * WORKERS, purpose, limit=1000)
    faults = [f"{one!r}" for one in results if isinstance(one, Exception) and not isinstance(one, Throttled)]
    if len(mail.outbox) != 1:
        faults.append(f"{len(mail.outbox)} of {WORKERS} workers sent")
    if MailCount.objects.get().used != len(mail.outbox):
        faults.append("the count of the day is not that of the messages")
    return faults


def _write_to_many() -> list[str]:
    addresses = [f"{uuid4().hex}@example.com" for _number in range(WORKERS)]
    results = _write(addresses, uuid4().hex, limit=LIMIT)
    refused = [one for one in results if isinstance(one, PermanentError)]
    faults = [f"{one!r}" for one in results if isinstance(one, Exception) and one not in refused]
    if (len(mail.outbox), MailCount.objects.get().used) != (LIMIT, LIMIT):
        faults.append(f"{len(mail.outbox)} messages below a limit of {LIMIT}")
    if RecentMail.objects.count() != LIMIT:
        faults.append("a message that was not sent was not given back")
    return faults


def _write(addresses: list[str], purpose: str, *, limit: int) -> list[Any]:
    """What each worker got: outputs, or an exception. Begins with empty tables."""
    for model in (MailCount, RecentMail):
        model.objects.all().delete()
    ours = {"CUSTOMER_EMAIL_FROM": "shop@shop.example", "CUSTOMER_EMAILS_PER_DAY": limit}
    mail.outbox = []
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        STRIPEFLOW={**settings.STRIPEFLOW, **ours},
    ):
        return at_once(*[lambda address=address: _send(address, purpose) for address in addresses])


def _send(address: str, purpose: str) -> dict[str, Any]:
    run = uuid4().hex
    context = ActionContext(
        run_id=run,
        workflow_name="Race",
        step_key="mail",
        step_name="Mail",
        idempotency_key=run,
        livemode=True,
    )
    inputs = {"to": address, "subject": "S", "body": "B", "message_type": "transactional", "purpose": purpose}
    return registry.get("email.customer").execute(inputs, context)
