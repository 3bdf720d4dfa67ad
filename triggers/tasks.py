"""The functions that the queue calls: ids in, one call, nothing out."""

from stripeflow.triggers import mirror as mirroring
from stripeflow.triggers.redaction import redacting


@redacting
def mirror(event_id: int) -> None:
    """Copy the event, and others that wait, into dj-stripe's tables."""
    mirroring.work(event_id)
