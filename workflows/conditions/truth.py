"""Three-valued logic: a condition is met, not met or unknown, and an unknown never counts as met.

`MISSING` marks a value that is not there, which is neither null nor an empty text.
"""

from collections.abc import Iterable
from enum import Enum


class Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING = Missing()


MATCHES = ("all", "any", "none")


class Truth(Enum):
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, answer: bool) -> "Truth":
        return cls.MET if answer else cls.NOT_MET

    @property
    def negated(self) -> "Truth":
        """The contrary; of an unknown that is unknown again."""
        return {Truth.MET: Truth.NOT_MET, Truth.NOT_MET: Truth.MET}.get(self, Truth.UNKNOWN)


def combine(match: str, truths: Iterable[Truth]) -> Truth:
    """What a group that asks for all, any or none of its conditions makes of their truths."""
    found = set(truths)
    if match == "none":
        return combine("any", found).negated
    decisive = Truth.NOT_MET if match == "all" else Truth.MET
    if decisive in found:
        return decisive
    return Truth.UNKNOWN if Truth.UNKNOWN in found else decisive.negated


def quantify(quantifier: str, truths: Iterable[Truth]) -> Truth:
    """The same for the items of a list, except that *all* of an empty list is not met."""
    found = tuple(truths)
    if not found and quantifier == "all":
        return Truth.NOT_MET
    return combine(quantifier, found)
