"""Doors for the queue: ids in, one call, nothing out."""

from triggers import mirror as mirroring


def mirror(event_id: int) -> None:
    """Copy one event into dj-stripe's tables."""
    mirroring.mirror(event_id)
