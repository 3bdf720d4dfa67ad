"""Tokens of the REST API in the admin: made here and shown once, then only revoked.

A token may do what its user may, as far as its scopes reach. So that nobody gets the permissions of
somebody else, only a superuser makes tokens for others, and sees theirs.
"""

from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stripeflow.workflows.admin.base.pages import PagedAdmin
from stripeflow.workflows.admin.base.people import person_of
from stripeflow.workflows.admin.base.reading import RUN_MEDIA
from stripeflow.workflows.admin.token_form import TokenForm
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import tokens
from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.models.api_token import TokenState

_PILL = "stripeflow/workflows/admin/pill.html"
_KINDS = {TokenState.VALID: "active", TokenState.EXPIRED: "run-held"}


class _New(TypedDict):
    """A new token's row, with what is kept in memory alone for the page that follows."""

    shown_once: str


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    _NewToken = WithAnnotations[ApiToken, _New]


@admin.register(ApiToken)
class ApiTokenAdmin(PagedAdmin):
    change_list_template = "stripeflow/workflows/runs/plain_list.html"
    form = TokenForm
    list_display = ("name", "state_pill", "user", "scope_names", "start", "created_at", "last_used", "ends")
    list_select_related = ("user",)
    list_per_page = 50
    search_fields = ("name", "user__username", "hint")
    actions = ("revoke",)

    @property
    def media(self) -> Any:
        return super().media + RUN_MEDIA

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(user=request.user)

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """People who may make tokens may revoke their own."""
        return self.has_add_permission(request)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        # Every way of saving leads to the page that shows the token once.
        hidden = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | hidden, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        form = super().get_form(request, *args, **options)
        return type(form.__name__, (form,), {"asked_by": request.user})

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        if obj is not None:
            return ("name", "state_pill", "user", "scope_names", "start", "created_at", "last_used", "ends")
        own = ("name", "scopes", "expires_at", "never_expires")
        return (own[0], "user", *own[1:]) if request.user.is_superuser else own

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name == "user":
            options.setdefault("initial", request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: "_NewToken", form: Any, change: bool) -> None:
        if not request.user.is_superuser:
            obj.user = person_of(request)
        obj.shown_once = tokens.make(obj, Act.of(request))

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        tokens.delete(obj, Act.of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            tokens.delete(token, Act.of(request))

    def response_add(
        self,
        request: HttpRequest,
        obj: "_NewToken",
        post_url_continue: str | None = None,
    ) -> HttpResponse:
        """The page with the token. No redirect: the token is stored nowhere, so it cannot be shown later."""
        context = {"title": _("Your new API token"), "token": obj, "secret": obj.shown_once}
        answer = self.shown(request, "stripeflow/workflows/runs/token.html", context)
        answer.headers["Cache-Control"] = "no-store, private"
        return answer

    @admin.action(description=gettext_lazy("Revoke the chosen tokens"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        count = tokens.revoke(queryset, Act.of(request))
        text = ngettext("%d token is revoked.", "%d tokens are revoked.", count) % count
        self.message_user(request, text, messages.SUCCESS)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("API tokens"), **(extra_context or {})})

    @admin.display(description=gettext_lazy("state"))
    def state_pill(self, token: ApiToken) -> SafeString:
        state = token.state()
        context = {"kind": _KINDS.get(state, "run-failed"), "label": state.label}
        return render_to_string(_PILL, context)

    @admin.display(description=gettext_lazy("scopes"))
    def scope_names(self, token: ApiToken) -> str:
        return token.scope_names or _("none: it may do nothing")

    @admin.display(description=gettext_lazy("last used"), ordering="last_used_at")
    def last_used(self, token: ApiToken) -> str:
        if token.last_used_at is None:
            return _("never")
        at = date_format(timezone.localtime(token.last_used_at), "DATETIME_FORMAT")
        if not token.last_used_from:
            return at
        return _("%(at)s from %(address)s") % {"at": at, "address": token.last_used_from}

    @admin.display(description=gettext_lazy("expires"), ordering="expires_at")
    def ends(self, token: ApiToken) -> str:
        if token.expires_at is None:
            return render_to_string(_PILL, {"kind": "run-held", "label": _("Never expires")})
        return date_format(timezone.localtime(token.expires_at), "DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("starts with"))
    def start(self, token: ApiToken) -> SafeString:
        return format_html('<code class="sf-id">{}…</code>', token.hint)
