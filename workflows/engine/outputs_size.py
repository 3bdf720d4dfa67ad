"""Outputs of steps are bounded in bytes, and what is left out is said, field by field. Pure."""

import json
from typing import Any

MAX_BYTES = 256 * 1024
# Where outputs say what was left out of them: the names, and how many bytes each had.
LEFT_OUT = "_left_out"


def bounded(outputs: dict[str, Any], *, limit: int = MAX_BYTES) -> dict[str, Any]:
    """`outputs` without their largest fields, until they fit. Ids and amounts are small, so these stay.

    The call is done, so that it must be recorded, however much it answered.
    """
    sizes = {name: len(name) + len(json.dumps(value)) for name, value in outputs.items()}
    total, left_out = sum(sizes.values()), {}
    for name in sorted(sizes, key=lambda one: sizes[one], reverse=True):
        if total <= limit:
            break
        total -= sizes[name]
        left_out[name[:100]] = sizes[name]
    if not left_out:
        return outputs
    kept = {name: value for name, value in outputs.items() if name[:100] not in left_out}
    return {**kept, LEFT_OUT: left_out}
