"""What is sent to event destinations: a list, and a page of each delivery with its attempts."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.admin.base.reading import ReadOnly
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import PING
from stripeflow.workflows.destinations.deciding import ATTEMPTS
from stripeflow.workflows.display.admin_links import run_url
from stripeflow.workflows.models import EventDelivery
from stripeflow.workflows.run_events import types
from stripeflow.workflows.states import DeliveryStatus

_PILL = "stripeflow/workflows/admin/pill.html"
_KINDS = {
    DeliveryStatus.PENDING: "run-waiting",
    DeliveryStatus.SENDING: "run-running",
    DeliveryStatus.DELIVERED: "run-succeeded",
    DeliveryStatus.FAILED: "run-failed",
    DeliveryStatus.CANCELED: "run-skipped",
}


class EventTypeFilter(admin.SimpleListFilter):
    title = gettext_lazy("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [*((one.type, str(one.title)) for one in types.known()), (PING, _("Test event"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[EventDelivery]) -> QuerySet[EventDelivery]:
        return queryset.filter(event__type=self.value()) if self.value() else queryset


class SendAgainButton(AdminPage):
    """On the page of a delivery that is done."""

    name = "send_again"
    route = "<int:pk>/{name}/"
    permission = permissions.may_change_destinations

    def found(self, request: HttpRequest, *, pk: int, **address: Any) -> dict[str, Any]:
        row = EventDelivery.objects.select_related("destination").filter(pk=pk).first()
        if row is None:
            raise Http404
        return {"row": row}

    def post(self, request: HttpRequest, row: EventDelivery) -> HttpResponseBase:
        try:
            changes.send_one_again(row, Act.of(request))
            messages.success(request, _("It is sent again, with the same ID."))
        except NotPossible as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:stripeflow_workflows_eventdelivery_change", args=[row.pk]))


@admin.register(EventDelivery)
class EventDeliveryAdmin(ReadOnly):
    change_list_template = "stripeflow/workflows/runs/plain_list.html"
    page_template = "stripeflow/workflows/destinations/delivery.html"
    pages = (SendAgainButton,)
    list_display = ("title", "state", "destination", "run_link", "tried", "created_at", "next_time")
    list_filter = ("status", EventTypeFilter, ("destination", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("event__run__workflow", "destination")
    list_per_page = 50
    # Counting all of them takes longer than showing some.
    show_full_result_count = False
    actions = ("send_again",)  # type: ignore[assignment]  # the one thing that people do here

    def has_module_permission(self, request: HttpRequest) -> bool:
        return permissions.may_see_deliveries(request.user)

    def has_view_permission(self, request: HttpRequest, obj: EventDelivery | None = None) -> bool:
        return permissions.may_see_deliveries(request.user)

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Who may use the action below."""
        return permissions.may_change_destinations(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventDelivery]:
        return super().get_queryset(request).select_related("event__run__workflow", "destination")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Deliveries"), **(extra_context or {})})

    def page_context(self, request: HttpRequest, row: EventDelivery) -> dict[str, Any]:
        return {
            "title": _title_of(row),
            "delivery": row,
            "pill": self.state(row),
            "tries": row.tries.all(),
            "most": ATTEMPTS,
            "body": json.dumps(json.loads(row.event.body), indent=2, ensure_ascii=False),
            "workflow": row.event.run.workflow if row.event.run else None,
            "run_url": run_url(row.event.run) if row.event.run else "",
            "may_send": self.has_send_permission(request) and row.state.is_final,
            "destination_url": reverse(
                "admin:stripeflow_workflows_eventdestination_change", args=[row.destination_id]
            ),
        }

    @admin.action(permissions=["send"], description=gettext_lazy("Send the chosen events again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[EventDelivery]) -> None:
        chosen = queryset.count()
        count = changes.send_again(queryset, Act.of(request))
        if count:
            text = ngettext("%d event is sent again.", "%d events are sent again.", count) % count
            self.message_user(request, text, messages.SUCCESS)
        if left := chosen - count:
            text = ngettext(
                "%d is left as it is: it waits to be sent, or its destination is disabled.",
                "%d are left as they are: they wait to be sent, or their destination is disabled.",
                left,
            )
            self.message_user(request, text % left, messages.WARNING)

    @admin.display(description=gettext_lazy("event"))
    def title(self, row: EventDelivery) -> str:
        return _title_of(row)

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, row: EventDelivery) -> SafeString:
        return SafeString(render_to_string(_PILL, {"kind": _KINDS[row.state], "label": row.state.label}))

    @admin.display(description=gettext_lazy("run"))
    def run_link(self, row: EventDelivery) -> str | SafeString:
        run = row.event.run
        if run is None:
            return "–"
        return format_html('<a href="{}">{}</a>', run_url(run), run.workflow.name)

    @admin.display(description=pgettext_lazy("of a delivery", "attempts"))
    def tried(self, row: EventDelivery) -> str:
        return _("%(number)s of %(most)s") % {"number": row.attempts, "most": ATTEMPTS}

    @admin.display(description=gettext_lazy("next attempt"))
    def next_time(self, row: EventDelivery) -> str:
        if row.next_at is None or row.state is not DeliveryStatus.PENDING:
            return "–"
        return date_format(timezone.localtime(row.next_at), "DATETIME_FORMAT")


def _title_of(row: EventDelivery) -> str:
    return _("Test event") if row.event.type == PING else types.title_of(row.event.type)
