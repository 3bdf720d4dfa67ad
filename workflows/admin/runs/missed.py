"""What a workflow missed while it was not active: events that came, and started nothing."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.workflows.models import Workflow

# More events are counted as this many.
_MOST = 1_000
_MOMENT = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True)
class Missed:
    """How many events of its kind came since it was last active, and the page that replays them."""

    count: int
    url: str

    @property
    def is_more(self) -> bool:
        return self.count == _MOST


def missed_by(workflow: Workflow) -> Missed | None:
    """What the workflow missed since its last activation ended; None if nothing, or if it is active."""
    last = workflow.activations.exclude(ended_at=None).order_by("-ended_at").first()
    if last is None or workflow.activations.filter(ended_at=None).exists():
        return None
    topics = workflow.activations.filter(version=last.version_id).order_by().values("topic")
    events = Event.objects.filter(source=last.source, type__in=topics, created__gte=last.ended_at).order_by()
    count = events[:_MOST].count()
    since = timezone.localtime(last.ended_at).strftime(_MOMENT)
    query = urlencode({"workflow": workflow.pk, "since": since})
    return Missed(count, f"{reverse('admin:stripeflow_workflows_run_replay')}?{query}") if count else None
