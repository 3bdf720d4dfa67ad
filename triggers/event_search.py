"""Events by any id: their own, that of an object, an account or a call, or one inside of them."""

import re

from stripeflow.triggers.models import Event
from stripeflow.triggers.widths import fitted

STRIPE_ID = re.compile(r"[a-z][a-z0-9]*_[A-Za-z0-9_]{1,250}")
# At most this many events are found for one id.
MOST = 1_000


def called(term: str) -> list[int]:
    """The primary keys of the events whose own id is `term`; several may share one."""
    found = Event.objects.filter(external_id=fitted(term)).order_by("-pk")
    return list(found.values_list("pk", flat=True)[:MOST])


def naming(term: str, *, bodies: bool) -> list[int]:
    """The primary keys of the events that name the id in a column, and with `bodies` of those that hold it.

    Reading bodies is by far the most expensive part: those of the newest `SEARCHED` events are read, once.
    """
    if not STRIPE_ID.fullmatch(term):
        return []
    named = Event.objects.naming(term, bodies=bodies).order_by("-received_at")
    found = list(named.values_list("pk", flat=True)[:MOST])
    # One column after the other, in the order of its index; otherwise SQLite scans all events by time.
    for column in ("object_id", "request_idempotency_key"):
        rows = Event.objects.filter(**{column: term}).order_by("-pk")
        found += rows.values_list("pk", flat=True)[:MOST]
    return found
