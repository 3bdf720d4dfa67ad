"""The inbox in the admin: to look at, not to change."""

from contextlib import nullcontext
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers import event_search, origins, other_admins
from stripeflow.triggers.account_filter import AccountFilter
from stripeflow.triggers.costly import answers_busy, turn
from stripeflow.triggers.event_errors import error_without_values
from stripeflow.triggers.guarded_admin import VIEW_PAYLOAD, GuardedAdmin, NotEdited
from stripeflow.triggers.json_safety import readable
from stripeflow.triggers.models import BODY, Event
from stripeflow.triggers.types import registry
from stripeflow.triggers.widths import fitted

# Shown in place of a column whose text may hold values of the payload.
_WITHOUT_VALUES = {"match_error": "match_error_hidden", "mirror_error": "mirror_error_hidden"}


class MatchedFilter(admin.SimpleListFilter):
    """Whether the event has been matched against the workflows."""

    title = _("matched")
    parameter_name = "matched"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("Not yet")), ("failed", _("Failed so far"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        if self.value() == "yes":
            return queryset.filter(matched_at__isnull=False)
        if self.value() == "no":
            return queryset.filter(matched_at__isnull=True)
        if self.value() == "failed":
            return queryset.filter(matched_at__isnull=True, match_attempts__gt=0)
        return queryset


@admin.register(Event)
class EventAdmin(NotEdited, GuardedAdmin):
    """Events as they came in; their payload only for those who may see payloads."""

    list_display = (
        "what",
        "object_id",
        "created",
        "received_at",
        "is_matched",
        "mirror_state",
        "livemode",
        "account",
    )
    list_filter = (
        MatchedFilter,
        "fetch_state",
        "mirror_state",
        "source",
        "livemode",
        AccountFilter,
        "received_at",
        ("type", admin.AllValuesFieldListFilter),
    )
    # Exact, so that the indexes serve it; `get_search_results` adds the ids inside the payload.
    search_fields = (
        "external_id__exact",
        "object_id__exact",
        "account__exact",
        "request_idempotency_key__exact",
    )
    search_help_text = _(
        "Any Stripe ID: of the event, its object or the causing call's key. An account, and IDs inside "
        "events, are looked for in the newest 50,000."
    )
    ordering = ("-received_at",)
    list_per_page = 50
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("source", "external_id", "type", "object_type", "object_id")}),
        (_("Times"), {"fields": ("created", "received_at", "pruned_at")}),
        (
            _("Stripe"),
            {"fields": ("livemode", "account", "api_version", "request_idempotency_key")},
        ),
        (
            _("Matching"),
            {
                "fields": (
                    "why",
                    "replay",
                    "fetch_state",
                    "matched_at",
                    "match_attempts",
                    "match_error",
                    "match_due_at",
                )
            },
        ),
        (
            _("Mirror"),
            {"fields": ("mirror_state", "mirrored_at", "mirror_attempts", "mirror_error", "mirror_due_at")},
        ),
        (_("Payload"), {"fields": ("pretty_payload",)}),
    )

    @answers_busy
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Events"), **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).defer(*BODY).annotate(**origins.columns())

    def get_fieldsets(self, request: HttpRequest, obj: Event | None = None) -> Any:  # noqa: ANN401
        if request.user.has_perm(VIEW_PAYLOAD):
            return self.fieldsets
        return [
            (title, {"fields": [_WITHOUT_VALUES.get(str(name), name) for name in options["fields"]]})
            for title, options in self.fieldsets[:-1]
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Event | None = None) -> list[str]:
        return [name for _title, options in self.get_fieldsets(request, obj) for name in options["fields"]]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        term = fitted(search_term.strip())
        if own := event_search.called(term):
            # An event's own id finds only the events of that id; any other condition would read every event.
            return queryset.filter(pk__in=own), False
        found, duplicates = super().get_search_results(request, queryset, term)
        if not event_search.STRIPE_ID.fullmatch(term):
            return found, duplicates
        bodies = request.user.has_perm(VIEW_PAYLOAD)
        with turn(request.user) if bodies else nullcontext():
            named = event_search.naming(term, bodies=bodies)
        return queryset.filter(pk__in=named), duplicates

    @admin.display(description=_("type"), ordering="type")
    def what(self, event: Event) -> str:
        """Its type; of one that is for one workflow, what started it, who that was, and by which door."""
        kind = registry.of_source(event.source)
        if kind is None or not kind.is_addressed:
            return event.type
        label = kind.describe_topic(kind.topic_of(event.type))
        return " · ".join(filter(None, (label, origins.words(event))))

    @admin.display(description=_("matched"), boolean=True, ordering="matched_at")
    def is_matched(self, event: Event) -> bool:
        return event.matched_at is not None

    @admin.display(description=_("what workflows made of it"))
    def why(self, event: Event) -> SafeString | str:
        """A link to the page that tells, where an app of the host has one by this name."""
        try:
            url = reverse("admin:stripeflow_workflows_run_why_event", args=[event.pk])
        except NoReverseMatch:
            return "—"
        return format_html('<a href="{}">{}</a>', url, _("Why did it run, or not?"))

    @admin.display(description=_("start a workflow for it"))
    def replay(self, event: Event) -> SafeString | str:
        """A link to the page that replays it, likewise."""
        try:
            url = reverse("admin:stripeflow_workflows_run_replay")
        except NoReverseMatch:
            return "—"
        query = urlencode({"ids": event.reference})
        return format_html('<a href="{}?{}">{}</a>', url, query, _("Replay this event"))

    @admin.display(description=_("match error"))
    def match_error_hidden(self, event: Event) -> str:
        return error_without_values(event.match_error) or "—"

    @admin.display(description=_("mirror error"))
    def mirror_error_hidden(self, event: Event) -> str:
        return error_without_values(event.mirror_error) or "—"

    @admin.display(description=_("payload"))
    def pretty_payload(self, event: Event) -> SafeString:
        style = "white-space: pre-wrap; overflow-wrap: anywhere"
        return format_html('<pre style="{}">{}</pre>', style, readable(event.payload))


other_admins.guard()
