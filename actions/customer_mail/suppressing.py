"""The list of addresses that get nothing. Who may change it, and who did, is the matter of `workflows`."""

from stripeflow.actions.customer_mail.addresses import normalized
from stripeflow.actions.database import brief_use
from stripeflow.actions.models import Reason, Suppression


def suppression_of(address: str, message_type: str) -> Suppression | None:
    """The entry that stops a message of this type to the address now; None if it may be sent."""
    with brief_use():
        found = list(Suppression.objects.filter(address=normalized(address)))
    # A reason that this version does not know stops everything.
    known = {reason.value: reason for reason in Reason}
    stopping = (one for one in found if known.get(one.reason, Reason.MANUAL).stops(message_type))
    return next(stopping, None)
