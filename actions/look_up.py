"""What a look-up says of a call whose answer was lost, once its idempotency key can tell nothing more.

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
    """It did not take effect, or to make it again under a new key changes nothing more."""


@dataclass(frozen=True)
class Unclear:
    """Nobody can tell: a person is asked. `reason` is a sentence for people, or empty."""

    reason: str = ""


LookedUp = Found | NotFound | Unclear
