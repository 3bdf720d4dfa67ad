"""What may be made again by itself. Reads nothing else, so that a table of decisions may have it."""

from enum import StrEnum


class Repeat(StrEnum):
    """Whether an attempt whose outcome was not recorded may be made again by itself."""

    KEYED = "keyed"  # The receiver recognises the idempotency key.
    SAFE = "safe"  # It only reads.
    ASK = "ask"  # It would happen twice: a person decides.

    @property
    def is_automatic(self) -> bool:
        return self is not Repeat.ASK
