"""By whom and by which door an event was made that started a run: for the list of events."""

from typing import Any

from django.db.models import OuterRef, Subquery

from stripeflow.workflows.models import RunOperation
from stripeflow.workflows.models.audit import Via
from stripeflow.workflows.models.operation import OperationKind

# What makes an event, and does not only act on a run of it.
_MADE = (OperationKind.START, OperationKind.FILL)


def columns() -> dict[str, Any]:
    """The name and the door of who has started its first run."""
    made = RunOperation.objects.filter(run__event=OuterRef("pk"), kind__in=_MADE).order_by("at", "id")
    return {"made_by": Subquery(made.values("user_name")[:1]), "made_via": Subquery(made.values("via")[:1])}


def words(event: Any) -> str:
    """ "Aiko · API"; "" for an event that nobody has made."""
    via = getattr(event, "made_via", None)
    door = str(Via(via).label) if via else ""
    return " · ".join(filter(None, (getattr(event, "made_by", None), door)))
