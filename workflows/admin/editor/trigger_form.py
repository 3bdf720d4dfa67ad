"""The form of a trigger: the settings of its type, and the mode and accounts of its events."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.types import registry
from stripeflow.triggers.types.base import TriggerType
from stripeflow.workflows.admin.base.form_fields import field_of
from stripeflow.workflows.admin.editor.cancel_when_form import (
    CancelWhenField,
    CancelWhenWidget,
    rows_of,
    save_rows,
)
from stripeflow.workflows.admin.editor.guarded_form import GuardedForm
from stripeflow.workflows.definition.caused import default_words
from stripeflow.workflows.definition.choices import Accounts, CausedEvents, Mode
from stripeflow.workflows.definition.schema import MAX_ACCOUNTS
from stripeflow.workflows.definition.scope import is_account_id
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.models import Trigger

SCOPE_FIELDS = ("mode", "accounts", "listed_accounts")
_SEPARATORS = re.compile(r"[\s,;]+")


def plan_in(data: Mapping[str, Any], row: Trigger) -> TriggerPlan:
    """The trigger as its form was posted; missing or unreadable values are as saved."""
    kind = registry.find(chosen_type(data, row))
    if kind is None:
        return TriggerPlan(row.type, row.settings)
    settings = dict(row.settings) if kind.type == row.type else {}
    for one in kind.settings:
        field = one.form_field()
        with suppress(ValidationError):
            value = field.clean(field.widget.value_from_datadict(data, {}, one.name))
            if not one.is_empty(value):
                settings[one.name] = value
    return TriggerPlan(kind.type, settings)


def chosen_type(data: Mapping[str, Any], row: Trigger) -> str:
    """The type that was chosen, or the saved one."""
    given = data.get("type", "")
    return given if registry.find(given) else row.type


class TriggerForm(GuardedForm):
    """What all triggers have. `form_of` adds the settings of one type."""

    kind: ClassVar[TriggerType | None] = None

    mode = forms.ChoiceField(
        label=gettext_lazy("Mode"),
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Stripe sends test events of connected accounts to live endpoints too, so choose live events for "
            "what is to act on real payments."
        ),
    )
    accounts = forms.ChoiceField(
        label=gettext_lazy("Accounts"),
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Whose events start the workflow. Connected accounts are those of other businesses that use your "
            "platform; without Stripe Connect, there is only your own."
        ),
    )
    listed_accounts = forms.CharField(
        label=gettext_lazy("These connected accounts"),
        required=False,
        widget=forms.Textarea({"rows": "3", "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("Their IDs (acct_…), one to a line. Only for “Some connected accounts”."),
    )

    caused_events = forms.ChoiceField(
        label=gettext_lazy("Events that workflows cause"),
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "A step that changes something at Stripe makes an event, which may start other workflows. Such "
            "events are known by the key of the call; what Stripe does later by itself is not meant."
        ),
    )

    class Meta:
        model = Trigger
        fields = (*SCOPE_FIELDS, "caused_events", "match")

    cancel_when = CancelWhenField(
        label=gettext_lazy("Canceled when"),
        required=False,
        help_text=gettext_lazy(
            "Each of these events ends a run of this workflow, whichever step it is at. A step under way is "
            "finished first."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._show_settings()
        self.initial["listed_accounts"] = "\n".join(self.instance.listed_accounts)
        for name, choices in (("mode", Mode.choices), ("accounts", Accounts.choices)):
            if name in self.fields:
                field_of(self, name, forms.ChoiceField).choices = [*self._not_chosen(), *choices]
        if "caused_events" in self.fields:
            field_of(self, "caused_events", forms.ChoiceField).choices = [
                ("", default_words()),
                *CausedEvents.choices,
            ]
        if "match" in self.fields:
            self.fields["match"].required = False
        self.initial["cancel_when"] = rows_of(self.instance)

    def save_cancel_events(self) -> None:
        """Save the events that end a run, where the form that was posted has them."""
        if CancelWhenWidget.is_in(self.data, self.add_prefix("cancel_when")):
            save_rows(self.instance, self.cleaned_data["cancel_when"])

    def clean_mode(self) -> str:
        return self.cleaned_data["mode"] or self.instance.mode

    def clean_accounts(self) -> str:
        return self.cleaned_data["accounts"] or self.instance.accounts

    def clean_caused_events(self) -> str:
        # One of its choices is empty.
        if self.add_prefix("caused_events") not in self.data:
            return self.instance.caused_events
        return self.cleaned_data["caused_events"]

    def clean_match(self) -> str:
        return self.cleaned_data["match"] or self.instance.match

    def clean_listed_accounts(self) -> list[str]:
        if self.add_prefix("listed_accounts") not in self.data:
            return self.instance.listed_accounts
        listed = [one for one in _SEPARATORS.split(self.cleaned_data["listed_accounts"]) if one]
        for one in listed:
            if not is_account_id(one):
                raise ValidationError(_("“%s” is not the ID of an account. It begins with “acct_”.") % one)
        if len(listed) > MAX_ACCOUNTS:
            raise ValidationError(_("At most %d accounts can be listed.") % MAX_ACCOUNTS)
        return list(dict.fromkeys(listed))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if {"mode", "accounts"} <= cleaned.keys():
            self._check_scope(cleaned)
        if self.kind is not None:
            self.instance.settings = self._settings(self.kind, cleaned)
            self.instance.type = self.kind.type
        return cleaned

    def _show_settings(self) -> None:
        """Put the saved settings into their fields, if they are of the type that is shown."""
        saved = self._saved()
        for name in names_of(self.kind):
            self.initial[name] = saved.get(name)
            if show := getattr(self.fields.get(name), "show", None):
                show(saved.get(name))

    def _saved(self) -> dict[str, Any]:
        same = self.kind is not None and self.kind.type == self.instance.type
        return self.instance.settings if same else {}

    def _settings(self, kind: TriggerType, cleaned: dict[str, Any]) -> dict[str, Any]:
        """The settings as a document has them, without empty ones; faulty ones stay as they are saved."""
        given = {**self._saved(), **{name: cleaned[name] for name in names_of(kind) if name in cleaned}}
        filled = {one.name: given[one.name] for one in kind.settings if not one.is_empty(given.get(one.name))}
        return dict(kind.normal(filled))

    def _check_scope(self, cleaned: dict[str, Any]) -> None:
        if bool(cleaned["mode"]) != bool(cleaned["accounts"]):
            missing = "accounts" if cleaned["mode"] else "mode"
            self.add_error(missing, _("Choose this as well."))
            return
        if cleaned["accounts"] != Accounts.LISTED:
            cleaned["listed_accounts"] = []
        elif cleaned.get("listed_accounts") == []:
            self.add_error(
                "listed_accounts", _("Name the connected accounts whose events start the workflow.")
            )

    def _not_chosen(self) -> list[tuple[str, Any]]:
        """Until somebody chooses, saving only the conditions chooses nothing."""
        return [] if self.instance.mode else [("", _("Nobody has chosen yet, so all of them"))]


def form_of(row: Trigger, chosen: str) -> type[TriggerForm]:
    """The form of a trigger, with the settings of the type `chosen`, and the types if there are several."""
    kind = registry.find(chosen)
    settings = {one.name: one.form_field() for one in kind.settings} if kind else {}
    types = {"type": _types_field(chosen)} if has_choice(chosen) else {}
    return type("Form", (TriggerForm,), {"workflow": row.workflow, "kind": kind, **types, **settings})


def names_of(kind: TriggerType | None, *, advanced: bool | None = None) -> tuple[str, ...]:
    """The names of the settings, which are those of their fields: all, `advanced` ones, or the others."""
    settings = kind.settings if kind else ()
    return tuple(one.name for one in settings if advanced in (None, getattr(one, "advanced", False)))


def has_choice(chosen: str) -> bool:
    """Whether there is another type to choose."""
    return any(one.type != chosen for one in registry.all())


def _types_field(chosen: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Starts on"),
        choices=[(one.type, one.label) for one in registry.all()],
        initial=chosen,
        widget=forms.RadioSelect,
        help_text=_("Choose another one and save. Then fill in what it asks for."),
    )
