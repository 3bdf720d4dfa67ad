"""Times of a schedule that passed while its workflow was paused or inactive, and the page that fills them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from stripeflow.triggers.types.recurring_schedule.zones import wall_at
from stripeflow.workflows import permissions
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.models import AccountPause, Workflow
from stripeflow.workflows.versions.plans import plan_of

# More times are counted as this many.
_MOST = 500
_MINUTE = timedelta(minutes=1)
# What a form sends whose reader wants to choose from them afterwards.
FIELD = "fill_times"


@dataclass(frozen=True)
class PassedTimes:
    """How many passed, and the page that shows each of them."""

    count: int
    url: str

    @property
    def is_more(self) -> bool:
        """Whether there may be more than were counted."""
        return self.count == _MOST


def passed_times(workflow: Workflow, trigger: TriggerPlan, since: datetime | None) -> PassedTimes | None:
    """Those of the trigger's schedule between `since` and now; None if there is none."""
    timing, now = trigger.timing, timezone.now()
    if timing is None or since is None:
        return None
    count = sum(1 for _at in islice(takewhile(lambda at: at < now, timing.timetable.after(since)), _MOST))
    if not count:
        return None
    zone = timing.timetable.zone
    span = {"since": wall_at(since, zone), "until": wall_at(now, zone) + _MINUTE}
    query = urlencode({name: f"{wall:%Y-%m-%dT%H:%M}" for name, wall in span.items()})
    page = reverse("admin:stripeflow_workflows_workflow_fill", args=[workflow.pk])
    return PassedTimes(count, f"{page}?{query}")


def while_paused(workflow: Workflow) -> PassedTimes | None:
    """Those of the active version since the pause began, also one for an account alone."""
    version = workflow.active_version_id
    if version is None:
        return None
    plan, since = plan_of(version), workflow.paused_at
    if since is None and plan.scope.only is not None:
        pauses = AccountPause.objects.of_side(workflow.pk, plan.scope.only)
        since = pauses.order_by("paused_at").values_list("paused_at", flat=True).first()
    return passed_times(workflow, plan.trigger, since)


def while_inactive(workflow: Workflow, trigger: TriggerPlan) -> PassedTimes | None:
    """Those of the schedule that is about to be activated, since the last version was deactivated."""
    if workflow.active_version_id is not None:
        return None
    last = workflow.activations.exclude(ended_at=None).order_by("-ended_at").first()
    return passed_times(workflow, trigger, last.ended_at if last else None)


def chosen(request: HttpRequest, times: PassedTimes | None) -> str:
    """Where a reader goes on who wants to choose from them; "" for all others."""
    if times is None or FIELD not in request.POST or not permissions.may_replay(request.user):
        return ""
    return times.url
