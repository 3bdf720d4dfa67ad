"""Where the schedule of a workflow stands, for people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from stripeflow.triggers.types.recurring_schedule import words
from stripeflow.triggers.types.recurring_schedule.zones import wall_at
from stripeflow.workflows.models import LeftOutTime, Schedule, Workflow
from stripeflow.workflows.versions.plans import plan_of

_MOST = 10
_NAMED = 3
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class LeftOutLine:
    """Times that started nothing, in words."""

    first: str
    last: str
    count: int
    more: bool
    reason: str


@dataclass(frozen=True)
class Progress:
    """What the active version has done, and does next. A text is "" where there is nothing to say."""

    count: int
    last: str
    next: str
    waits: str
    left_out: tuple[LeftOutLine, ...]
    # Other workflows that start in the same minute as this one does next, by name; and how many more do.
    beside: tuple[str, ...] = ()
    more_beside: int = 0


def progress_of(workflow: Workflow) -> Progress | None:
    """Where it stands; None for a workflow that was never active with a schedule. A few queries."""
    row = Schedule.objects.filter(workflow=workflow).first()
    timing = plan_of(row.version_id).trigger.timing_of(row.workflow_id) if row else None
    if row is None or timing is None:
        return None
    zone = timing.timetable.zone
    newest = LeftOutTime.objects.filter(workflow=workflow)[:_MOST]
    lines = tuple(_line(one, zone) for one in newest)
    last, following, waits = (_words(at, zone) for at in (row.last_at, row.next_at, row.queued_for))
    starts = starts_at(row)
    if starts is not None and starts != row.next_at:
        at = f"{wall_at(starts, zone):%H:%M:%S}"
        following = _("%(time)s; it starts at %(at)s") % {"time": following, "at": at}
    names = _beside(row, starts) if starts else ()
    more = max(len(names) - _NAMED, 0)
    return Progress(row.count, last, following, waits, lines, names[:_NAMED], more)


def starts_at(row: Schedule) -> datetime | None:
    """When its next time starts a run; None if there is none."""
    timing = plan_of(row.version_id).trigger.timing_of(row.workflow_id)
    return timing.begins(row.next_at) if timing and row.next_at else None


def _beside(row: Schedule, starts: datetime) -> tuple[str, ...]:
    """They compete with it for Stripe's rate limits, and for workers."""
    minute = starts.replace(second=0, microsecond=0)
    others = Schedule.objects.filter(look_at__gte=minute, look_at__lt=minute + _MINUTE).exclude(pk=row.pk)
    return tuple(others.order_by("workflow__name").values_list("workflow__name", flat=True))


def _line(one: LeftOutTime, zone: ZoneInfo) -> LeftOutLine:
    first, last = _words(one.first_at, zone), _words(one.last_at, zone)
    return LeftOutLine(first, last, one.count, one.more, one.get_reason_display())


def _words(at: datetime | None, zone: ZoneInfo) -> str:
    return words.moment(at, zone) if at else ""
