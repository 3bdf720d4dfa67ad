"""The items of a loop of a run, a page at a time, and which of them the page of the run shows."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from stripeflow.actions.dashboard import Dashboard
from stripeflow.triggers.widths import fitted
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.display.times import before_stop
from stripeflow.workflows.history.items import LoopSeen, status_label
from stripeflow.workflows.models import Loop, LoopItem, Run, failures
from stripeflow.workflows.states import ItemStatus

# The parameter of the run's page that chooses an item.
ITEM = "item"
_PER_PAGE = 50


def item_of(request: HttpRequest, run: Run) -> LoopItem | None:
    """The item of the run that the address names; None if it names none."""
    given = request.GET.get(ITEM, "")
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        return None
    return LoopItem.objects.select_related("loop").filter(loop__run=run, pk=int(given)).first()


class ItemsPage(AdminPage):
    """The items of one loop, filtered by their status, and searched by the id of their object."""

    name = "items"
    route = "<uuid:pk>/{name}/<int:loop>/"
    permission = permissions.may_see_runs
    template = "stripeflow/workflows/runs/items_page.html"

    def found(self, request: HttpRequest, *, pk: UUID, loop: int) -> dict[str, Any]:
        found = Loop.objects.select_related("run__version", "run__workflow", "run__event").filter(run=pk)
        return {"loop": get_object_or_404(found, pk=loop)}

    def get(self, request: HttpRequest, loop: Loop) -> HttpResponse:
        status, wanted = request.GET.get("status", ""), fitted(request.GET.get("q", "").strip())
        if status and status not in ItemStatus:
            raise Http404
        payloads = permissions.may_see_payloads(request.user)
        # Whether an id is in the list would be told by the rows that are found.
        wanted = wanted if payloads else ""
        rows = loop.items.defer("value").order_by("number")
        rows = rows.filter(status=status) if status else rows
        rows = rows.filter(object_id=wanted) if wanted else rows
        page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
        dashboard = Dashboard(loop.run.event.livemode, loop.run.event.account)
        key = loop.path.rpartition("/")[2]
        seen = LoopSeen(loop, None)
        return self.shown(
            request,
            title=_("Items of “%s”") % title_in(loop.run.version.document, key),
            run=loop.run,
            payloads=payloads,
            last_read=before_stop(loop.last_read_at),
            loop=loop,
            step=key,
            seen=seen,
            filters=[("", _("All"), loop.count), *_filters(seen)],
            status=status,
            wanted=wanted,
            rows=[
                (
                    item,
                    dashboard.url(item.object_id),
                    status_label(item, loop.run),
                    failures.shown(item.error, payloads=payloads),
                )
                for item in page
            ],
            page=page,
        )


def _filters(seen: LoopSeen) -> Iterator[tuple[ItemStatus, str, int]]:
    for status in ItemStatus:
        yield status, status_label(LoopItem(status=status), seen.loop.run), seen.counts[status]
