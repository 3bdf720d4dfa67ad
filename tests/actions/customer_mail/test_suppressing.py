import pytest

from stripeflow.actions.customer_mail.suppressing import suppression_of
from stripeflow.actions.models import MessageType, Reason, Suppression

pytestmark = pytest.mark.django_db

TRANSACTIONAL, MARKETING = MessageType.TRANSACTIONAL, MessageType.MARKETING


@pytest.mark.parametrize(
    ("reason", "message_type", "is_stopped"),
    [
        (Reason.UNSUBSCRIBE, MARKETING, True),
        (Reason.UNSUBSCRIBE, TRANSACTIONAL, False),
        (Reason.UNSUBSCRIBE, "unheard_of", True),
        *(
            (reason, kind, True)
            for reason in (Reason.BOUNCE, Reason.COMPLAINT, Reason.MANUAL)
            for kind in MessageType
        ),
        ("unheard_of", TRANSACTIONAL, True),
    ],
)
def test_each_reason_stops_what_it_is_about(reason, message_type, is_stopped):
    Suppression.objects.create(address="jane@example.com", reason=reason)
    assert (suppression_of("Jane@EXAMPLE.com", message_type) is not None) is is_stopped
    assert suppression_of("bob@example.com", message_type) is None


def test_of_several_reasons_one_is_enough():
    for reason in (Reason.UNSUBSCRIBE, Reason.BOUNCE):
        Suppression.objects.create(address="jane@example.com", reason=reason)
    assert suppression_of("jane@example.com", TRANSACTIONAL).reason == Reason.BOUNCE
