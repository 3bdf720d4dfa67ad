"""Bounds the outputs of steps in bytes, and names each field that is left out. Pure."""

import json
from typing import Any

MAX_BYTES = 256 * 1024
# The key that lists the fields left out, each with its size in bytes.
LEFT_OUT = "_left_out"


def bounded(outputs: dict[str, Any], *, limit: int = MAX_BYTES) -> dict[str, Any]:
    """`outputs` without their largest fields, until they fit. Ids and amounts are small, so these stay.

    The call is done and must be recorded, however long its answer is.
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
