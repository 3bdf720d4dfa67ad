"""The plans of versions. Versions are immutable, so plans are kept by version id.

One that holds a secret's value in clear is not kept: the value may be moved at any time.
"""

import json
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from threading import Lock

from stripeflow.workflows.conditions import Types
from stripeflow.workflows.definition.clear_secrets import values_in
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import Plan, build
from stripeflow.workflows.models import WorkflowVersion


class _Plans:
    """The most recently used plans, by version id. Threads may build one twice; both are the same.

    They are bounded in number, and in the bytes of the documents that they were made of.
    """

    def __init__(self, *, size: int, max_bytes: int) -> None:
        self.size, self.max_bytes, self.bytes = size, max_bytes, 0
        self.kept: OrderedDict[int, tuple[Plan, int]] = OrderedDict()
        self.lock = Lock()

    def get(self, pk: int) -> Plan | None:
        found = self.kept.get(pk)
        if found is None:
            return None
        with suppress(KeyError):  # another thread may have dropped it since
            self.kept.move_to_end(pk)
        return found[0]

    def put(self, pk: int, document: Json, types: Types) -> Plan:
        plan, length = build(document, types), len(json.dumps([document, types]))
        if values_in(document):
            # `credentials.secret_adoption` may change it at any time, so it is not kept.
            return plan
        with self.lock:
            self.bytes += length - self.kept.get(pk, (None, 0))[1]
            self.kept[pk] = plan, length
            # The newest one stays, however large: it is about to be used.
            while len(self.kept) > 1 and (len(self.kept) > self.size or self.bytes > self.max_bytes):
                self.bytes -= self.kept.popitem(last=False)[1][1]
        return plan

    def clear(self) -> None:
        with self.lock:
            self.kept.clear()
            self.bytes = 0


# Holds every active version of a large installation; a document is a few kilobytes.
_plans = _Plans(size=2048, max_bytes=32 * 1024 * 1024)


def plan_of(version_id: int) -> Plan:
    """The plan of a version. Raises `WorkflowVersion.DoesNotExist`."""
    kept = _plans.get(version_id)
    return kept or _plans.put(
        version_id, *WorkflowVersion.objects.values_list("document", "types").get(pk=version_id)
    )


def plans_of(version_ids: Iterable[int]) -> dict[int, Plan]:
    """The plans of many versions, reading those that are not kept yet in one query."""
    plans = {pk: _plans.get(pk) for pk in version_ids}
    missing = [pk for pk, plan in plans.items() if plan is None]
    if missing:
        rows = WorkflowVersion.objects.filter(pk__in=missing).values_list("pk", "document", "types")
        plans |= {pk: _plans.put(pk, document, types) for pk, document, types in rows}
    return {pk: plan for pk, plan in plans.items() if plan is not None}


def forget_plans() -> None:
    """Drop every kept plan of this process; for tests above all, whose databases give ids again."""
    _plans.clear()
