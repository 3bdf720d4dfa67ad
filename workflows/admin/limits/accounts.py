"""Connected accounts that have disconnected the application, and marking one as connected again."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.account_filter import PARAMETER as ACCOUNT_PARAMETER
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.guarded_admin import GuardedAdmin, NotEdited
from stripeflow.workflows import permissions
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.limits import deauthorized, people
from stripeflow.workflows.models import Deauthorization


@admin.register(Deauthorization)
class DeauthorizationAdmin(NotEdited, GuardedAdmin):
    """A list; events of Stripe write the rows."""

    list_display = ("account", "mode", "deauthorized_at", "held_runs")
    list_display_links = None
    list_filter = ("livemode",)
    ordering = ("-deauthorized_at",)
    search_fields = ("account__exact",)
    actions = ("reconnect",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return permissions.may_see_runs(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return permissions.may_see_runs(request.user)

    def has_reconnect_permission(self, request: HttpRequest) -> bool:
        """Who may use the action below."""
        return permissions.may_pause(request.user)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": _("Accounts that have disconnected the application"), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Deauthorization]:
        return super().get_queryset(request).filter(deauthorized_at__isnull=False)

    @admin.display(description=gettext_lazy("mode"), ordering="livemode")
    def mode(self, row: Deauthorization) -> str:
        return _("live") if row.livemode else _("test")

    @admin.display(description=gettext_lazy("held runs"))
    def held_runs(self, row: Deauthorization) -> SafeString:
        whose: dict[str, str | int] = {ACCOUNT_PARAMETER: row.account, "livemode__exact": int(row.livemode)}
        query = {**whose, "status__exact": "held"}
        where = f"{reverse('admin:stripeflow_workflows_run_changelist')}?{urlencode(query)}"
        return format_html('<a href="{}">{}</a>', where, deauthorized.held_for(row).count())

    @admin.action(
        permissions=["reconnect"],
        description=gettext_lazy("Say that they are connected, and let their runs go on"),
    )
    def reconnect(self, request: HttpRequest, rows: QuerySet[Deauthorization]) -> None:
        for row in rows:
            try:
                went_on = people.reconnect(row, Act.of(request))
            except (NotPossible, PermissionDenied) as error:
                messages.error(request, str(error))
                continue
            template = _("“%(whose)s” counts as connected. %(runs)d held runs go on.")
            message = template % {"whose": AccountMode.of(row).label, "runs": went_on.released}
            message = f"{message} {went_on.sentence}".strip()
            self.log_change(request, row, message)
            messages.success(request, message)
