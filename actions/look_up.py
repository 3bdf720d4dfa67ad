"""The answers of a look-up: did a call take effect whose answer was lost, and whose key is exhausted?

Stripe forgets a key after 24 hours, and replays an error of its own (a stored 500) to every repeat. Then
only the receiver's own data can say whether the call took effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Found:
    """It took effect. `outputs` is what `run` would have returned."""

    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NotFound:
    """It did not take effect, or repeating it under a new key changes nothing more."""


@dataclass(frozen=True)
class Unclear:
    """It is unknown: a person is asked. `reason` is a sentence for people, or empty."""

    reason: str = ""


LookedUp = Found | NotFound | Unclear
