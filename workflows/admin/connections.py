"""Connections in the admin: where steps call, and their authentication. No secret is ever shown."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from django import forms
from django.contrib import admin, messages
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.connections import auths, kinds
from stripeflow.actions.inputs.base import InputField
from stripeflow.triggers.guarded_admin import GuardedAdmin
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.reading import RUN_MEDIA
from stripeflow.workflows.admin.base.secret_choice import offered_secrets
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import connection_changes, secret_changes
from stripeflow.workflows.credentials.connection_changes import ConnectionRefused, Wanted
from stripeflow.workflows.credentials.secret_changes import MOST, SecretRefused
from stripeflow.workflows.models import Connection
from stripeflow.workflows.models.secret import validate_value


class ConnectionForm(forms.ModelForm):
    """`typed` is a new secret: it goes in, and is never rendered. `made_for` adds the settings."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    auth = forms.ChoiceField(label=gettext_lazy("Authentication"))
    secret = forms.ChoiceField(
        label=gettext_lazy("Secret"),
        required=False,
        help_text=gettext_lazy("One that is stored already, or a new value below."),
    )
    typed = forms.CharField(
        label=gettext_lazy("New value"),
        required=False,
        max_length=MOST,
        strip=False,
        validators=[validate_value],
        widget=forms.PasswordInput(
            render_value=False, attrs={"autocomplete": "new-password", "class": "vTextField"}
        ),
        help_text=gettext_lazy(
            "Stored as a secret with the name of the connection. Nobody can read it back."
        ),
    )

    # Who sends the form; set by the admin.
    asked_by: Any = None

    class Media:
        js: ClassVar = [Script("stripeflow/workflows/connections.js", type="module")]

    class Meta:
        model = Connection
        fields = ("name", "title", "kind", "address", "auth", "secret")
        help_texts: ClassVar = {
            "name": gettext_lazy(
                "Steps name the connection by it, and it cannot be changed later. Lower-case letters, "
                "digits, “-” and “_”."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "address" not in self.fields:
            # A page that only shows has no boxes.
            return
        self.fields["address"].required = False
        self._offer("kind", [(one.key, one.label) for one in kinds.all()])
        self._offer("auth", [(one.key, one.label) for one in auths.all()])
        secrets = offered_secrets(self.asked_by, self.instance.secret)
        self._offer("secret", [("", _("None")), *secrets])
        naming = {one.key for one in auths.all() if one.names_address}
        rules = {
            one.key: {"auths": one.auths, "asks": not one.address and not naming.issuperset(one.auths)}
            for one in kinds.all()
        }
        self.fields["kind"].widget.attrs["data-stripeflow-kinds"] = json.dumps(rules)
        needing = {one.key: str(one.secret_label) for one in auths.all() if one.needs_secret}
        self.fields["auth"].widget.attrs["data-stripeflow-secret"] = json.dumps(needing)
        if not permissions.may_add_secrets(self.asked_by):
            self.fields["typed"].disabled = True
            self.fields["typed"].help_text = _("Storing a new secret needs a separate permission.")
        kept = self.instance.settings if self.instance.pk else {}
        for auth, declared in _settings():
            box = self.fields[_box(auth, declared)]
            is_own = self.instance.pk and self.instance.auth == auth.key
            box.initial = kept.get(declared.name, "") if is_own else declared.default

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        box: Any = self.fields[name]
        box.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        wanted = self.wanted()
        for column, sentence in connection_changes.faults_of(self._checked(wanted)).items():
            self.add_error(self._box_of(column), sentence)
        if not self.errors:
            self._check_person(wanted)
        return cleaned

    def wanted(self) -> Wanted:
        """What the connection is to be; a typed secret is not stored yet."""
        data = self.cleaned_data
        settings = {
            declared.name: data[_box(auth, declared)]
            for auth, declared in _settings()
            if auth.key == data["auth"] and data.get(_box(auth, declared))
        }
        auth = auths.find(data["auth"])
        secret = data.get("secret", "") if auth and auth.needs_secret else ""
        kind, address = kinds.find(data["kind"]), data.get("address", "")
        if auth and auth.names_address:
            # The box is not shown, and may hold that of the secret before.
            address = "" if kind and kind.address else auth.address_in(data.get("typed", ""))
        return Wanted(data["title"], data["kind"], address, data["auth"], settings, secret)

    def _checked(self, wanted: Wanted) -> Wanted:
        """The same, without a secret that is typed, and so cannot be looked up; its value is checked here."""
        typed, auth = self.cleaned_data.get("typed", ""), auths.find(wanted.auth)
        if not typed or auth is None or not auth.needs_secret:
            return wanted
        kind = kinds.find(wanted.kind)
        fault = secret_changes.refusal_of(typed) or auth.secret_fault(typed)
        if fault := fault or (kind.secret_fault(typed) if kind else ""):
            self.add_error("typed", fault)
        return connection_changes.typed(wanted)

    def _check_person(self, wanted: Wanted) -> None:
        name = self.instance.name or self.cleaned_data.get("name", "")
        if refused := connection_changes.refusal_to_change(self.asked_by, name):
            before = Connection.objects.filter(name=name).first()
            differs = before is None or any(
                getattr(before, column) != getattr(wanted, column)
                for column in ("kind", "address", "auth", "settings", "secret")
            )
            if differs or self.cleaned_data.get("typed"):
                self.add_error(None, refused)

    def _box_of(self, column: str) -> str | None:
        auth = auths.find(self.cleaned_data.get("auth", ""))
        own = {declared.name: _box(one, declared) for one, declared in _settings() if one is auth}
        column = own.get(column, column)
        return column if column in self.fields else None


def made_for(user: Any) -> type[ConnectionForm]:
    """The form for a person, with a box for each setting of each authentication."""
    boxes = {_box(auth, declared): _field_of(auth, declared) for auth, declared in _settings()}
    return type("ConnectionForm", (ConnectionForm,), {**boxes, "asked_by": user})


def _settings() -> list[tuple[auths.Auth, InputField]]:
    return [(auth, declared) for auth in auths.all() for declared in auth.inputs]


def _box(auth: auths.Auth, declared: InputField) -> str:
    return f"setting_{auth.key}_{declared.name}"


def _field_of(auth: auths.Auth, declared: InputField) -> forms.Field:
    options: dict[str, Any] = {
        "label": declared.label,
        "required": False,
        "help_text": declared.help_text or gettext_lazy("For “%s”.") % auth.label,
    }
    if choices := getattr(declared, "choices", ()):
        return forms.ChoiceField(choices=choices, **options)
    attrs = {"class": "vTextField"}
    return forms.CharField(max_length=200, widget=forms.TextInput(attrs=attrs), **options)


class _Asked(TypedDict):
    """The row, with the person who asks for it, as `get_object` adds it."""

    asked_by: Any


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    _AskedConnection = WithAnnotations[Connection, _Asked]

_SHOWN = ("users", "created_at", "created_by", "changed_at", "changed_by", "last_used_at")


@admin.register(Connection)
class ConnectionAdmin(GuardedAdmin):
    change_list_template = "stripeflow/workflows/runs/plain_list.html"
    list_display = ("title", "name", "kind_shown", "address", "auth_shown", "secret", "last_used_at")
    list_per_page = 50
    search_fields = ("name", "title", "address")
    actions = None

    @property
    def media(self) -> Any:
        return super().media + RUN_MEDIA

    def has_view_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        return permissions.may_see_connections(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return permissions.may_add_connections(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        return permissions.may_change_connections(request.user) and self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        return permissions.may_delete_connections(request.user)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Connection | None:
        connection = super().get_object(request, object_id, from_field)
        if connection is not None:
            # For `users`, which Django gives no request.
            connection.asked_by = request.user
        return connection

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Connections"), **(extra_context or {})})

    def get_form(
        self, request: HttpRequest, obj: Connection | None = None, change: bool = False, **options: Any
    ) -> Any:
        return super().get_form(request, obj, change, **{**options, "form": made_for(request.user)})

    def get_fields(self, request: HttpRequest, obj: Connection | None = None) -> tuple[str, ...]:
        if obj is not None and not self.has_change_permission(request, obj):
            return (
                "name",
                "title",
                "kind_shown",
                "address",
                "auth_shown",
                "settings_shown",
                "secret",
                *_SHOWN,
            )
        boxes = tuple(_box(auth, declared) for auth, declared in _settings())
        own = ("name", "title", "kind", "address", "auth", *boxes, "secret", "typed")
        return own if obj is None else (*own, *_SHOWN)

    def get_readonly_fields(self, request: HttpRequest, obj: Connection | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("name", "kind_shown", "auth_shown", "settings_shown", *_SHOWN)

    def save_model(self, request: HttpRequest, obj: Connection, form: Any, change: bool) -> None:
        act, wanted = Act.of(request), form.wanted()
        typed = form.cleaned_data.get("typed", "")
        kept = connection_changes.keep_with(
            obj.name, wanted, typed, connection=Connection.objects.get(pk=obj.pk) if change else None, act=act
        )
        obj.pk = kept.pk

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        address = reverse("admin:stripeflow_workflows_connection_changelist")
        return self._refusing(
            request, address, lambda: super(ConnectionAdmin, self).changeform_view(request, *args, **kwargs)
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        address = reverse("admin:stripeflow_workflows_connection_change", args=[object_id])
        return self._refusing(
            request,
            address,
            lambda: super(ConnectionAdmin, self).delete_view(request, object_id, extra_context),
        )

    def delete_model(self, request: HttpRequest, obj: Connection) -> None:
        connection_changes.delete(obj, act=Act.of(request))

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def kind_shown(self, connection: Connection) -> str:
        return connection.kind_label

    @admin.display(description=gettext_lazy("authentication"), ordering="auth")
    def auth_shown(self, connection: Connection) -> str:
        return connection.auth_label

    @admin.display(description=gettext_lazy("settings"))
    def settings_shown(self, connection: Connection) -> str:
        return settings_in_words(connection.auth, connection.settings) or "–"

    @admin.display(description=gettext_lazy("used by"))
    def users(self, connection: "_AskedConnection") -> str:
        return connection_changes.users_shown(connection, connection.asked_by) or _("no workflow")

    def _refusing(self, request: HttpRequest, address: str, answer: Any) -> Any:
        """What came about between the check of a form and the write."""
        try:
            return answer()
        except (ConnectionRefused, SecretRefused) as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(address)


def settings_in_words(auth_key: str, settings: Mapping[str, Any]) -> str:
    """The settings of an authentication, by their labels."""
    auth = auths.find(auth_key)
    labels = {one.name: str(one.label) for one in auth.inputs} if auth else {}
    return ", ".join(f"{labels.get(name, name)}: {value}" for name, value in settings.items())
