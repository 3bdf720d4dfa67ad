"""How workflows fared lately: runs a day, and how many of them succeeded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from stripeflow.workflows.models import Run
from stripeflow.workflows.states import RunStatus

DAYS = 14
# These runs count. Open ones, and those that a person stopped, do not.
_ENDED = (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.OUTCOME_UNKNOWN)


@dataclass(frozen=True)
class Activity:
    """The runs of one workflow in the last `DAYS` times 24 hours; `days` counts them, the oldest first."""

    days: tuple[int, ...]
    succeeded: int
    ended: int

    @property
    def total(self) -> int:
        return sum(self.days)

    @property
    def success_percent(self) -> int | None:
        """How many of 100 runs that ended succeeded, rounded down; None if none has ended."""
        return 100 * self.succeeded // self.ended if self.ended else None

    def points(self, *, width: int, height: int) -> str:
        """The days as the points of an SVG polyline within `width` × `height`, with room for its stroke."""
        step, most = (width - 2) / (len(self.days) - 1), max(*self.days, 1)
        return " ".join(
            f"{1 + number * step:.1f},{height - 1 - count * (height - 2) / most:.1f}"
            for number, count in enumerate(self.days)
        )


NONE = Activity((0,) * DAYS, 0, 0)


def activity_of(workflow_ids: Iterable[int], *, now: datetime) -> dict[int, Activity]:
    """The activity of these workflows by id, in one query; a workflow without runs is not in it."""
    starts = [now - timedelta(days=DAYS - number) for number in range(DAYS)]
    within = {
        f"day_{number}": Count(
            "pk", filter=Q(created_at__gt=start, created_at__lte=start + timedelta(days=1))
        )
        for number, start in enumerate(starts)
    }
    rows: Iterable[Any] = (
        Run.objects.filter(workflow__in=list(workflow_ids), created_at__gt=starts[0], created_at__lte=now)
        .order_by()
        .values("workflow")
        .annotate(
            succeeded=Count("pk", filter=Q(status=RunStatus.SUCCEEDED)),
            ended=Count("pk", filter=Q(status__in=_ENDED)),
            **within,
        )
    )
    return {
        row["workflow"]: Activity(
            tuple(row[f"day_{number}"] for number in range(DAYS)), row["succeeded"], row["ended"]
        )
        for row in rows
    }
