"""What may be repeated automatically. Imports nothing of ours, so that the decision table can use it."""

from enum import StrEnum


class Repeat(StrEnum):
    """Whether an attempt without a recorded outcome may be repeated automatically."""

    KEYED = "keyed"  # The receiver recognises the idempotency key.
    SAFE = "safe"  # It only reads.
    ASK = "ask"  # It could happen twice: a person decides.

    @property
    def is_automatic(self) -> bool:
        return self is not Repeat.ASK
