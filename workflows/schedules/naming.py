"""What a time of a schedule is called: with the workflow, it identifies its event."""

from datetime import UTC, datetime


def identity_of(at: datetime) -> str:
    """In UTC: a database gives instants in a zone of its own."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
