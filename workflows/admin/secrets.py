"""Secrets in the admin: a value is typed, and never shown again."""

from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.guarded_admin import GuardedAdmin
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.reading import RUN_MEDIA
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.credentials.secret_changes import MOST, SecretRefused
from stripeflow.workflows.models import Secret
from stripeflow.workflows.models.secret import validate_value


class SecretForm(forms.ModelForm):
    """`typed` goes in, and is never rendered."""

    typed = forms.CharField(
        label=gettext_lazy("Value"),
        max_length=MOST,
        strip=False,
        validators=[validate_value],
        widget=forms.PasswordInput(
            render_value=False, attrs={"autocomplete": "new-password", "class": "vTextField"}
        ),
        help_text=gettext_lazy(
            "Nobody can read it back. Steps that name the secret are given it when they run."
        ),
    )

    # Who sends the form; set by the admin.
    asked_by: Any = None

    class Meta:
        model = Secret
        fields = ("name", "description")
        help_texts: ClassVar = {
            "name": gettext_lazy(
                "Steps refer to the secret by this name, which cannot be changed later. "
                "Lower-case letters, digits, “-” and “_”."
            ),
            "description": gettext_lazy("What it is for."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields["typed"].required = False
            self.fields["typed"].label = _("New value")
            self.fields["typed"].help_text = _("Leave it empty to keep the value that there is.")

    def clean_typed(self) -> str:
        typed = self.cleaned_data["typed"]
        name = self.instance.name or self.cleaned_data.get("name", "")
        if typed and (read_only := secret_changes.refusal_to_replace(self.asked_by, name)):
            raise forms.ValidationError(read_only)
        return typed


class _Asked(TypedDict):
    """The row, with the person who asks for it, as `get_object` adds it."""

    asked_by: Any


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    _AskedSecret = WithAnnotations[Secret, _Asked]


@admin.register(Secret)
class SecretAdmin(GuardedAdmin):
    change_list_template = "stripeflow/workflows/runs/plain_list.html"
    form = SecretForm
    list_display = ("name", "description", "created_at", "changed_at", "last_used_at")
    list_per_page = 50
    search_fields = ("name", "description")
    actions = None

    @property
    def media(self) -> Any:
        return super().media + RUN_MEDIA

    def has_view_permission(self, request: HttpRequest, obj: Secret | None = None) -> bool:
        return permissions.may_see_secrets(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return permissions.may_add_secrets(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Secret | None = None) -> bool:
        return permissions.may_change_secrets(request.user) and self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Secret | None = None) -> bool:
        return permissions.may_delete_secrets(request.user)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Secret | None:
        secret = super().get_object(request, object_id, from_field)
        if secret is not None:
            # For `users`, which Django gives no request.
            secret.asked_by = request.user
        return secret

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Secrets"), **(extra_context or {})})

    def get_form(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        form = super().get_form(request, *args, **options)
        return type(form.__name__, (form,), {"asked_by": request.user})

    def get_fields(self, request: HttpRequest, obj: Secret | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "description", "typed")
        typed = ("typed",) if self.has_change_permission(request, obj) else ()
        read_only = ("users", "created_at", "created_by", "changed_at", "changed_by", "last_used_at")
        return ("name", "description", *typed, *read_only)

    def get_readonly_fields(self, request: HttpRequest, obj: Secret | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("name", "users", "created_at", "created_by", "changed_at", "changed_by", "last_used_at")

    def save_model(self, request: HttpRequest, obj: Secret, form: Any, change: bool) -> None:
        act, typed = Act.of(request), form.cleaned_data.get("typed", "")
        if not change:
            kept = secret_changes.store(obj.name, typed, description=obj.description, act=act)
            obj.pk = kept.pk
            return
        secret_changes.describe(obj, obj.description, act=act)
        if typed:
            secret_changes.replace(obj, typed, act=act)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except SecretRefused as error:
            messages.error(request, str(error))
            address = reverse("admin:stripeflow_workflows_secret_change", args=[object_id])
            return HttpResponseRedirect(address)

    def delete_model(self, request: HttpRequest, obj: Secret) -> None:
        secret_changes.delete(obj, act=Act.of(request))

    @admin.display(description=gettext_lazy("used by"))
    def users(self, secret: "_AskedSecret") -> str:
        return secret_changes.users_shown(secret, secret.asked_by) or _("no workflow")
