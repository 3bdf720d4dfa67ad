"""Pages of runs that follow what happens: what their script asks for every few seconds."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.history.items import loops_outside_loops, rows_outside_loops
from stripeflow.workflows.models import Run
from stripeflow.workflows.states import RunStatus

# The parameter with the time of the list, in its script's requests; no filter has this name.
SINCE = "since"
# More new runs are counted as this many.
_MOST_NEW = 100
# How many runs of a list are looked at: those of one page.
_ROWS = 50


class RunStatePage(AdminPage):
    """How far a run is: `mark` changes whenever the run's page would show something else."""

    name = "state"
    route = "<uuid:pk>/{name}/"
    permission = permissions.may_see_runs

    @method_decorator(never_cache)
    def get(self, request: HttpRequest, pk: UUID) -> JsonResponse:
        run = Run.objects.only("status", "claims", "queued_at", "version").filter(pk=pk).first()
        if run is None:
            raise Http404
        return JsonResponse({"mark": mark_of_page(run), "seconds": pause_of(run)})


class NewsPage(AdminPage):
    """For the list with these filters: how many runs came after `since`, and a mark."""

    name = "news"
    permission = permissions.may_see_runs

    @method_decorator(never_cache)
    def get(self, request: HttpRequest) -> JsonResponse:
        since = parse_datetime(request.GET.get(SINCE, ""))
        if since is None:
            raise Http404
        runs = self._listed(request)
        new = runs.filter(created_at__gt=since).order_by()[:_MOST_NEW].count()
        return JsonResponse({"new": new, "mark": mark_of_list(runs)})

    def _listed(self, request: HttpRequest) -> QuerySet[Run]:
        query = request.GET.copy()
        del query[SINCE]
        request.GET = query  # type: ignore[assignment]  # the stubs take none that may be changed
        try:
            return self.admin.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters as error:
            raise Http404 from error


def mark_of_page(run: Run) -> str:
    """A text that changes with the status of the run, its claims, its steps, and the items of its loops."""
    steps = [(row.status, row.attempts) for row in rows_outside_loops(run)]
    items = [loop.counts for loop in loops_outside_loops(run)]
    return _digest([run.status, run.claims, *steps, *items])


def pause_of(run: Run) -> int:
    """Seconds until the page asks again: few while a worker has the run, 0 once it has ended."""
    if run.state.is_final:
        return 0
    return 2 if run.state in (RunStatus.QUEUED, RunStatus.RUNNING) else 10


def mark_of_list(runs: QuerySet[Run]) -> str:
    """A text that changes with the newest runs of a list."""
    return _digest(runs.order_by("-created_at").values_list("pk", "status")[:_ROWS])


def _digest(parts: Any) -> str:  # noqa: ANN401 - any values with a text of their own
    return sha256(repr(list(parts)).encode()).hexdigest()[:16]
