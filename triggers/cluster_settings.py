"""For a project's settings module: its `Q_CLUSTER`, with our cluster beside it. Imports nothing of Django."""

from collections.abc import Mapping
from typing import Any

# A task that exceeds `timeout` is killed, and one that no worker finished is repeated after `retry`. A worker
# takes one task at a time, and keeps no results.
CLUSTER: dict[str, Any] = {
    "workers": 2,
    "timeout": 120,
    "retry": 300,
    "queue_limit": 1,
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    # Code says what runs, not a row of schedules.
    "scheduler": False,
    "poll": 0.1,
}


def with_stripeflow(queue: Mapping[str, Any], *, name: str = "stripeflow", **changes: Any) -> dict[str, Any]:
    """Return `queue` (a `Q_CLUSTER`) with the cluster `name` added to its `ALT_CLUSTERS`.

    Our cluster has the broker of `queue`, where the site enqueues. `changes` go over CLUSTER, such as
    `workers=4`. What `queue` says of other clusters stays.
    """
    others = queue.get("ALT_CLUSTERS", {})
    return {**queue, "ALT_CLUSTERS": {**others, name: {**CLUSTER, **changes}}}
