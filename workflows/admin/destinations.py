"""Event destinations in the admin: added, changed, tried, and given another secret, which is shown once."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.pages import AdminPage, PagedAdmin
from stripeflow.workflows.admin.base.reading import RUN_MEDIA
from stripeflow.workflows.admin.destination_form import DestinationForm
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import Added, events_of
from stripeflow.workflows.models import EventDestination
from stripeflow.workflows.run_events import types

_PILL = "stripeflow/workflows/admin/pill.html"


class DestinationButton(AdminPage):
    """A button on the page of a destination: `change` makes one change, and returns the answer."""

    route = "<int:pk>/{name}/"
    permission = permissions.may_change_destinations
    admin: "EventDestinationAdmin"

    def found(self, request: HttpRequest, *, pk: int, **address: Any) -> dict[str, Any]:
        row = EventDestination.objects.filter(pk=pk).first()
        if row is None:
            raise Http404
        return {"row": row}

    def post(self, request: HttpRequest, row: EventDestination) -> HttpResponseBase:
        try:
            return self.change(request, row)
        except NotPossible as error:
            messages.error(request, str(error))
            return _page_of(row)

    def change(self, request: HttpRequest, row: EventDestination) -> HttpResponse:
        """For subclasses. May raise `NotPossible`."""
        raise NotImplementedError


class RotateButton(DestinationButton):
    """A new secret. The former one signs too for a day, unless it has to end now."""

    name = "rotate"

    def change(self, request: HttpRequest, row: EventDestination) -> HttpResponse:
        made = changes.rotate(row, Act.of(request), at_once="at_once" in request.POST)
        return self.admin.shown_once(request, made)


class PingButton(DestinationButton):
    """A test event."""

    name = "ping"

    def change(self, request: HttpRequest, row: EventDestination) -> HttpResponse:
        delivery = changes.ping(row, Act.of(request))
        messages.success(request, _("A test event is on its way."))
        return HttpResponseRedirect(
            reverse("admin:stripeflow_workflows_eventdelivery_change", args=[delivery.pk])
        )


class EnableButton(DestinationButton):
    """Send events there again."""

    name = "enable"

    def change(self, request: HttpRequest, row: EventDestination) -> HttpResponse:
        changes.enable(row, Act.of(request))
        messages.success(request, _("“%s” is enabled. Events are sent there from now on.") % row.title)
        return _page_of(row)


class DisableButton(DestinationButton):
    """Send nothing more there."""

    name = "disable"

    def change(self, request: HttpRequest, row: EventDestination) -> HttpResponse:
        changes.disable(row, Act.of(request))
        messages.success(request, _("“%s” is disabled. What waited for it is canceled.") % row.title)
        return _page_of(row)


@admin.register(EventDestination)
class EventDestinationAdmin(PagedAdmin):
    change_list_template = "stripeflow/workflows/runs/plain_list.html"
    change_form_template = "stripeflow/workflows/destinations/change_form.html"
    pages = (RotateButton, PingButton, EnableButton, DisableButton)
    form = DestinationForm
    list_display = ("title", "state", "address", "event_titles", "of_workflows", "waiting")
    list_per_page = 50
    search_fields = ("title", "url")
    actions = None

    @property
    def media(self) -> Any:
        return super().media + RUN_MEDIA

    def has_view_permission(self, request: HttpRequest, obj: EventDestination | None = None) -> bool:
        return permissions.may_see_destinations(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return permissions.may_add_destinations(request.user)

    def has_change_permission(self, request: HttpRequest, obj: EventDestination | None = None) -> bool:
        return permissions.may_change_destinations(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: EventDestination | None = None) -> bool:
        return permissions.may_delete_destinations(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventDestination]:
        waiting = Count("deliveries", filter=Q(deliveries__next_at__isnull=False), distinct=True)
        chosen = Count("workflows", distinct=True)
        rows = super().get_queryset(request).prefetch_related("subscriptions")
        return rows.annotate(waiting_count=waiting, chosen_count=chosen)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Event destinations"), **(extra_context or {})})

    def get_fields(self, request: HttpRequest, obj: EventDestination | None = None) -> tuple[str, ...]:
        typed: tuple[str, ...] = ("title", "url", "events", "mode", "all_workflows", "workflows")
        if obj is None:
            return typed
        if not self.has_change_permission(request, obj):
            typed = ("title", "url", "event_titles", "mode_name", "of_workflows")
        return (*typed, "state", "failing_since", "created_at", "author_name")

    def get_readonly_fields(self, request: HttpRequest, obj: EventDestination | None = None) -> Any:
        shown = ("state", "failing_since", "created_at", "author_name")
        return () if obj is None else (*shown, "event_titles", "mode_name", "of_workflows")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        # Every way of adding leads to the page that shows the secret once.
        hidden = {"show_save_and_add_another": False, "show_save_and_continue": row is not None}
        if row is not None:
            context |= {"destination": row, "may_change": self.has_change_permission(request, row)}
            context["deliveries_url"] = _deliveries_url(row)
        return super().render_change_form(request, context | hidden, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            changes.change(obj, form.wanted(), Act.of(request))
            return
        made = changes.add(form.wanted(), Act.of(request))
        obj.pk, obj.shown_once = made.destination.pk, made

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """`save_model` has written them."""

    def delete_model(self, request: HttpRequest, obj: EventDestination) -> None:
        changes.delete(obj, Act.of(request))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except NotPossible as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.path)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The page with the secret. No redirect: only its encrypted form is kept, and never shown."""
        return self.shown_once(request, obj.shown_once)

    def shown_once(self, request: HttpRequest, made: Added) -> HttpResponse:
        """The secret of a destination, on a page that nothing keeps."""
        context = {
            "title": _("The signing secret of “%s”") % made.destination.title,
            "destination": made.destination,
            "secret": made.secret,
        }
        answer = self.shown(request, "stripeflow/workflows/destinations/secret.html", context)
        answer.headers["Cache-Control"] = "no-store, private"
        return answer

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: EventDestination) -> SafeString:
        if not row.is_enabled:
            label = _("Disabled")
            why = row.get_disabled_because_display()
            pill = render_to_string(_PILL, {"kind": "run-failed", "label": label})
            return format_html('{} <span class="sf-quiet">{}</span>', pill, why)
        if row.failing_since is not None:
            return SafeString(render_to_string(_PILL, {"kind": "run-held", "label": _("Failing")}))
        return SafeString(render_to_string(_PILL, {"kind": "active", "label": _("Enabled")}))

    @admin.display(description=gettext_lazy("address"), ordering="url")
    def address(self, row: EventDestination) -> str:
        """As text: nobody is to follow it."""
        return row.url

    @admin.display(description=gettext_lazy("events"))
    def event_titles(self, row: EventDestination) -> str:
        return ", ".join(types.title_of(type_) for type_ in events_of(row))

    @admin.display(description=gettext_lazy("mode"))
    def mode_name(self, row: EventDestination) -> str:
        return {None: _("live and test"), True: _("live"), False: _("test")}[row.livemode]

    @admin.display(description=gettext_lazy("workflows"))
    def of_workflows(self, row: Any) -> str:
        if row.all_workflows:
            return _("all workflows")
        return ngettext("%d workflow", "%d workflows", row.chosen_count) % row.chosen_count

    @admin.display(description=gettext_lazy("to be sent"))
    def waiting(self, row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', _deliveries_url(row), row.waiting_count)


def _page_of(row: EventDestination) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:stripeflow_workflows_eventdestination_change", args=[row.pk]))


def _deliveries_url(row: EventDestination) -> str:
    listed = reverse("admin:stripeflow_workflows_eventdelivery_changelist")
    return f"{listed}?destination__id__exact={row.pk}"
