"""The suppression list in the admin: addresses are added and removed, and never edited."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.models import Reason, Suppression
from stripeflow.triggers.guarded_admin import GuardedAdmin
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.reading import RUN_MEDIA
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.suppressions import changes
from stripeflow.workflows.suppressions.changes import SuppressionRefused


class SuppressionForm(forms.ModelForm):
    class Meta:
        model = Suppression
        fields = ("address", "reason", "note")
        help_texts: ClassVar = {
            "reason": gettext_lazy(
                "“Unsubscribed” stops reminders and marketing alone. Every other reason stops all e-mail."
            ),
            "note": gettext_lazy("Where it comes from, such as a ticket."),
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "address" in given and "reason" in given:
            try:
                given["address"] = changes.checked(given["address"], given["reason"], given.get("note", ""))
            except SuppressionRefused as error:
                self.add_error("address", str(error))
        return given


@admin.register(Suppression)
class SuppressionAdmin(GuardedAdmin):
    change_list_template = "stripeflow/workflows/runs/plain_list.html"
    form = SuppressionForm
    list_display = ("address", "reason", "created_at", "note")
    list_filter = ("reason",)
    list_per_page = 50
    ordering = ("-created_at", "-id")
    search_fields = ("address",)
    search_help_text = gettext_lazy("An e-mail address, or a part of it.")
    show_full_result_count = False
    actions = None

    @property
    def media(self) -> Any:
        return super().media + RUN_MEDIA

    def has_view_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        return permissions.may_see_suppressions(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return permissions.may_add_suppressions(request.user) and self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        return permissions.may_remove_suppressions(request.user) and self.has_view_permission(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": _("Addresses that get no e-mail")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> tuple[str, ...]:
        added = ("address", "reason", "note")
        return added if obj is None else ("address", "reason", "created_at", "note")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"reason": Reason.MANUAL.value}

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        made, _is_new = changes.add(obj.address, obj.reason, note=obj.note, act=Act.of(request))
        obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Suppression) -> None:
        changes.remove(obj, act=Act.of(request))

    # The audit log keeps the act. Django's own log would keep the address for ever.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None
