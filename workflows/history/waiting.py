"""How many runs wait at each step of a workflow, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import ngettext

from stripeflow.workflows.models import StepRun


@dataclass(frozen=True)
class WaitsAt:
    """How many runs wait at one step, and since when the first of them does."""

    runs: int
    since: datetime

    @property
    def sentence(self) -> str:
        said = ngettext(
            "%(runs)d run waits here, since %(at)s", "%(runs)d runs wait here, since %(at)s", self.runs
        )
        return said % {"runs": self.runs, "at": date_format(localtime(self.since), "SHORT_DATETIME_FORMAT")}


def waits_of(versions: Iterable[int]) -> dict[str, WaitsAt]:
    """By the key of the step, for the runs of these versions, in one query that an index alone answers.

    Runs that are held where they wait count as well.
    """
    rows = StepRun.objects.at_waits().filter(version__in=list(versions)).order_by()
    found = rows.values_list("step_key").annotate(runs=Count("*"), since=Min("started_at"))
    return {key: WaitsAt(runs, since) for key, runs, since in found}
