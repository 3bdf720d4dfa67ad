"""The audit log in the admin: a list with filters, a page of each entry, and the export."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.admin.base.reading import ReadOnly
from stripeflow.workflows.audit import exporting, kinds, names, words
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.models import AuditEntry

_DAYS = 7
_MOST_PEOPLE = 100
# The kinds of objects that have a page of their own.
_PAGES = {
    "workflow": ("stripeflow_workflows", "workflow"),
    "run": ("stripeflow_workflows", "run"),
    "user": ("auth", "user"),
    "group": ("auth", "group"),
    "apitoken": ("stripeflow_workflows", "apitoken"),
    "secret": ("stripeflow_workflows", "secret"),
    "connection": ("stripeflow_workflows", "connection"),
    "savedtemplate": ("stripeflow_workflows", "savedtemplate"),
    "suppression": ("stripeflow_actions", "suppression"),
    "eventdestination": ("stripeflow_workflows", "eventdestination"),
}


class PersonFilter(admin.SimpleListFilter):
    title = gettext_lazy("person")
    parameter_name = "user"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        named = AuditEntry.objects.exclude(user_name="").order_by("user_name")
        names = list(named.values_list("user_name", flat=True).distinct()[:_MOST_PEOPLE])
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(user_name=self.value()) if self.value() else queryset


class OriginFilter(admin.ChoicesFieldListFilter):
    """Filters by session, token or command. The column's own name, "by", would read "By by" here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("origin")


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("kind of act")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        found = AuditEntry.objects.order_by("kind").values_list("kind", flat=True).distinct()
        return sorted(((key, kinds.title_of(key)) for key in found), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class ObjectKindFilter(admin.SimpleListFilter):
    title = gettext_lazy("kind of object")
    parameter_name = "object_kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        found = AuditEntry.objects.exclude(object_kind="").order_by("object_kind")
        kept = found.values_list("object_kind", flat=True).distinct()
        return [(kind, names.name_of_object(kind)) for kind in kept]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(object_kind=self.value()) if self.value() else queryset


class DayFilter(admin.SimpleListFilter):
    """One day; the last ones are offered, and an address may hold any."""

    title = gettext_lazy("day")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        today = timezone.localdate()
        days = [(today - timedelta(days=back)).isoformat() for back in range(_DAYS)]
        chosen = request.GET.get(self.parameter_name, "")
        return [(day, day) for day in dict.fromkeys((*days, *([chosen] if _day(chosen) else [])))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        day = _day(self.value() or "")
        if day is None:
            return queryset
        begin = timezone.make_aware(datetime.combine(day, time.min))
        return queryset.filter(at__gte=begin, at__lt=begin + timedelta(days=1))


class _OfOne(admin.SimpleListFilter):
    """Set by links from other pages: shown once it is chosen."""

    column: str
    parameter_name: str

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        value = request.GET.get(self.parameter_name, "")
        return [(value, value)] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        value = (self.value() or "")[:64]
        return queryset.filter(**{self.column: value}) if value else queryset


class WorkflowFilter(_OfOne):
    title, parameter_name, column = gettext_lazy("number of the workflow"), "workflow", "workflow_id"

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        value = self.value() or ""
        if value and not (value.isascii() and value.isdigit() and len(value) < 19):
            return queryset.none()
        return super().queryset(request, queryset)


class ObjectFilter(_OfOne):
    title, parameter_name, column = gettext_lazy("object id"), "object_id", "object_id"


class ExportEntriesPage(AdminPage):
    """What the list shows by its filters, all of it. The export has an entry of its own."""

    name = "export"
    route = "export/<slug:form>/"
    permission = permissions.may_see_audit_log

    def get(self, request: HttpRequest, form: str) -> StreamingHttpResponse:
        write = exporting.FORMATS.get(form)
        if write is None:
            raise Http404
        rows = self.admin.get_changelist_instance(request).queryset
        with transaction.atomic():
            entry = record(kinds.AUDIT_EXPORTED, Act.of(request), after={"format": form})
        response = StreamingHttpResponse(
            write(rows.filter(pk__lt=entry.pk).order_by("-id")),
            content_type={"csv": "text/csv; charset=utf-8"}.get(form, "application/json"),
        )
        response.headers["Content-Disposition"] = f'attachment; filename="audit-log.{form}"'
        response.headers["Cache-Control"] = "no-store, private"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    pages = (ExportEntriesPage,)
    page_template = "stripeflow/workflows/runs/audit_entry.html"
    change_list_template = "stripeflow/workflows/runs/audit_list.html"
    list_display = ("when", "who", "what", "object_title", "by", "address", "note")
    list_filter = (
        PersonFilter,
        DayFilter,
        ("via", OriginFilter),
        ObjectKindFilter,
        WorkflowFilter,
        ObjectFilter,
        KindFilter,
    )
    list_per_page = 50
    empty_value_display = ""
    ordering = ("-id",)
    show_full_result_count = False
    search_fields = ("object_title", "user_name")

    def has_view_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return permissions.may_see_audit_log(request.user)

    has_module_permission = has_view_permission

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """With links to what this person may see."""
        return tuple(self._linking(request) if name == "object_title" else name for name in self.list_display)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": _("Who did what"), "export_query": request.GET.urlencode()}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def page_context(self, request: HttpRequest, entry: AuditEntry) -> dict[str, Any]:
        return {
            "title": kinds.title_of(entry.kind),
            "entry": entry,
            "when": self.when(entry),
            "who": words.who(entry),
            "by": words.by(entry),
            "before": words.facts(entry.before),
            "after": words.facts(entry.after),
            "object_url": self._object_url(request, entry),
        }

    @admin.display(description=gettext_lazy("when"), ordering="id")
    def when(self, entry: AuditEntry) -> str:
        """To the second; other pages do not need that."""
        return f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=gettext_lazy("who"), ordering="user_name")
    def who(self, entry: AuditEntry) -> str:
        return words.who(entry)

    @admin.display(description=gettext_lazy("what"), ordering="kind")
    def what(self, entry: AuditEntry) -> str:
        return kinds.title_of(entry.kind)

    @admin.display(description=gettext_lazy("by"))
    def by(self, entry: AuditEntry) -> str:
        return words.by(entry)

    def _linking(self, request: HttpRequest) -> Callable[[AuditEntry], SafeString | str]:
        @admin.display(description=_("on what"), ordering="object_title")
        def on(entry: AuditEntry) -> SafeString | str:
            url = self._object_url(request, entry)
            return format_html('<a href="{}">{}</a>', url, entry.object_title) if url else entry.object_title

        return on

    def _object_url(self, request: HttpRequest, entry: AuditEntry) -> str:
        """The page of what the act was done to; "" without one, and for people who may not see it."""
        page = _PAGES.get(entry.object_kind)
        if page is None or not entry.object_id or not self._may_see(request, page):
            return ""
        return reverse(f"admin:{'_'.join(page)}_change", args=[entry.object_id])

    def _may_see(self, request: HttpRequest, page: tuple[str, str]) -> bool:
        try:
            shown = self.admin_site.get_model_admin(apps.get_model(*page))
        except (LookupError, NotRegistered):  # a host project's admin may not have it
            return False
        return shown.has_view_or_change_permission(request)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
