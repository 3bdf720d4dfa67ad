"""The form of a trigger: its events, and of which mode and accounts they are to be."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers import catalogue
from stripeflow.workflows.admin.editor.guarded_form import GuardedForm
from stripeflow.workflows.admin.editor.widgets import SearchableSelect
from stripeflow.workflows.definition.caused import default_words
from stripeflow.workflows.definition.choices import Accounts, CausedEvents, Mode
from stripeflow.workflows.definition.schema import MAX_ACCOUNTS, MAX_EVENT_TYPES
from stripeflow.workflows.definition.scope import is_account_id
from stripeflow.workflows.display.labels import event_choices, event_label
from stripeflow.workflows.models import Trigger

SCOPE_FIELDS = ("mode", "accounts", "listed_accounts")
_SEPARATORS = re.compile(r"[\s,;]+")


class EventsWidget(forms.Widget):
    """One searchable list for each event, and one more for another one. A mark takes an event away."""

    template_name = "stripeflow/workflows/admin/events_widget.html"
    choices: list[tuple[str, Any]] = []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen, labels = list(value or ()), dict(_flat(self.choices))
        first, *others = [
            {
                "key": key,
                "label": labels.get(key, key),
                "html": self._select(name, key, number),
            }
            for number, key in enumerate(chosen or [""])
        ]
        more = self._select(name, "", len(chosen)) if 0 < len(chosen) < MAX_EVENT_TYPES else ""
        context["widget"] |= {"first": first, "others": others, "more": more, "number": len(chosen)}
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        boxes = [name, *(f"{name}-{number}" for number in range(1, MAX_EVENT_TYPES + 1)), f"{name}-typed"]
        given = [data.get(box, "").strip() for box in boxes if not data.get(f"{box}-remove")]
        return [key for key in dict.fromkeys(given) if key]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data

    def _select(self, name: str, key: str, number: int) -> str:
        box = f"{name}-{number}" if number else name
        select = SearchableSelect({"data-sf-events": ""}, self.choices)
        return select.render(box, key, {"id": f"id_{box}"})


def events_in(data: Mapping[str, Any]) -> list[str]:
    """The events of a trigger's form as it was sent."""
    return EventsWidget().value_from_datadict(data, {}, "event_type")


class EventsField(forms.Field):
    """One to twenty event types."""

    widget = EventsWidget

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or ()) != list(data or ())


class TriggerForm(GuardedForm):
    event_type = EventsField(
        label=gettext_lazy("Event"),
        help_text=gettext_lazy(
            "What happens at Stripe. Common events come first; type to search the others."
        ),
        error_messages={"required": gettext_lazy("Choose the event that starts the workflow.")},
    )
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["event_type"] = self.instance.event_types
        self.initial["listed_accounts"] = "\n".join(self.instance.listed_accounts)
        self.fields["event_type"].widget.choices = self._event_choices()
        for name, choices in (("mode", Mode.choices), ("accounts", Accounts.choices)):
            if name in self.fields:
                self.fields[name].choices = [*self._not_chosen(), *choices]
        if "caused_events" in self.fields:
            self.fields["caused_events"].choices = [("", default_words()), *CausedEvents.choices]
        if "match" in self.fields:
            self.fields["match"].required = False

    def clean_event_type(self) -> list[str]:
        keys = self.cleaned_data["event_type"]
        for key in keys:
            if not catalogue.may_be_sent(key) and key not in self.instance.event_types:
                raise ValidationError(_("“%s” cannot be an event of Stripe. Choose one from the list.") % key)
        if len(keys) > MAX_EVENT_TYPES:
            raise ValidationError(_("A workflow starts on at most %d different events.") % MAX_EVENT_TYPES)
        return keys

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
        self.instance.event_types = cleaned.get("event_type", self.instance.event_types)
        return cleaned

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
        """As long as nobody has chosen, saving the conditions alone chooses nothing."""
        return [] if self.instance.mode else [("", _("Nobody has chosen yet, so all of them"))]

    def _event_choices(self) -> list[tuple[str, Any]]:
        """Every event, and the saved ones even if the installed `stripe` does not know them any more."""
        saved = self.instance.event_types
        kept = [(key, event_label(key)) for key in saved if not catalogue.any_event_type(key).listed]
        return [*kept, *event_choices()]


def _flat(choices: list[tuple[str, Any]]) -> Any:
    for value, label in choices:
        yield from label if isinstance(label, list | tuple) else [(value, label)]
