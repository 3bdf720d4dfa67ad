"""How often each step of a version ran, and how it ended."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stripeflow.workflows.display.marks import Mark, Marks, Note
from stripeflow.workflows.models import Run, StepRun, WorkflowVersion
from stripeflow.workflows.states import RunStatus, StepStatus


class Range(StrEnum):
    """Since when runs count."""

    TODAY = "today"
    WEEK = "7"
    MONTH = "30"
    ALL = "all"

    @property
    def label(self) -> Promise:
        return _RANGES[self]

    def since(self, now: datetime) -> datetime | None:
        """Its first moment, None for the beginning; today begins at midnight of the site's time zone."""
        if self is Range.ALL:
            return None
        if self is Range.TODAY:
            return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        return now - timedelta(days=int(self))


_RANGES: dict[Range, Promise] = {
    Range.TODAY: _("Today"),
    Range.WEEK: _("The last 7 days"),
    Range.MONTH: _("The last 30 days"),
    Range.ALL: _("All time"),
}


@dataclass(frozen=True)
class Counts:
    """Runs by status, steps by key and status, and how often each branch was taken."""

    runs: Counter[str] = field(default_factory=Counter)
    steps: dict[str, Counter[str]] = field(default_factory=dict)
    ways: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.runs.total()


def counts_of(version: WorkflowVersion, span: Range) -> Counts:
    """Two grouped queries, whatever the number of steps and runs. Of a step's attempts, the last one counts.

    Both are answered by their indexes alone, `stripeflow_run_counts` and `stripeflow_step_counts`.
    """
    since = span.since(timezone.now())
    runs = Run.objects.filter(version=version)
    records = StepRun.objects.filter(version=version, superseded_at__isnull=True)
    if since is not None:
        runs = runs.filter(created_at__gte=since)
        records = records.filter(run_created_at__gte=since)
    by_status = runs.order_by().values_list("status").annotate(number=Count("*"))
    grouped = records.order_by().values_list("step_key", "status", "branch_key").annotate(number=Count("*"))
    steps: dict[str, Counter[str]] = defaultdict(Counter)
    ways: Counter[tuple[str, str]] = Counter()
    for key, status, branch, number in grouped:
        steps[key][status] += number
        if branch:
            ways[key, branch] += number
    return Counts(Counter(dict(by_status)), dict(steps), ways)


def count_marks(counts: Counts) -> Marks:
    """The counts on the canvas. Steps that never ran step back."""
    return Marks(
        trigger=Mark(
            "counted" if counts.total else "not_reached",
            ngettext("%d run", "%d runs", counts.total) % counts.total,
            tuple(_notes(counts.runs, RunStatus)),
            anchor="counted",
        ),
        others=Mark("not_reached", _now("Never")),
        steps={key: _step(key, found) for key, found in counts.steps.items()},
        ways={(key, branch): _way(counts, key, branch) for key, branch in counts.ways},
    )


def _step(key: str, found: Counter[str]) -> Mark:
    total = found.total()
    label = ngettext("%d time", "%d times", total) % total
    return Mark("counted", label, tuple(_notes(found, StepStatus)), anchor=f"counted-{key}")


def _way(counts: Counts, key: str, branch: str) -> Mark:
    number, total = counts.ways[key, branch], counts.steps[key].total()
    label = ngettext("Taken %d time", "Taken %d times", number) % number
    return Mark("taken", label, anchor=f"counted-{key}", aside=f"{round(100 * number / total)} %")


def _notes(found: Counter[str], statuses: type[RunStatus] | type[StepStatus]) -> list[Note]:
    return [
        Note(str(found[status]), str(status.label), tone=status.value) for status in statuses if found[status]
    ]
