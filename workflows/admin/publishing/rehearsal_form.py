"""What a person chooses to rehearse: a definition, and an event; or how many days of them."""

from typing import Any

from django import forms
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.models import Event
from stripeflow.workflows.admin.base.form_fields import field_of
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.rehearsal.backtest import MAX_DAYS
from stripeflow.workflows.rehearsal.drafts import Script
from stripeflow.workflows.rehearsal.stored import RECENT, recent_events

SAMPLE = "sample"
DAYS = 30


class ScriptForm(forms.Form):
    """The definition: the rows as they are now, or a version by its number."""

    version = forms.TypedChoiceField(
        label=gettext_lazy("Version"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, workflow: Workflow, data: Any) -> None:
        super().__init__(data)
        self.workflow = workflow
        self._offered = [("", _("The draft, as it is now")), *self._versions()]
        field_of(self, "version", forms.ChoiceField).choices = self._offered

    def _versions(self) -> list[tuple[str, str]]:
        """The active version, and the one that was asked for."""
        active = self.workflow.active_version
        choices = {str(active.number): _("Version %d, the active one") % active.number} if active else {}
        asked = self.data.get("version", "")
        is_number = asked.isascii() and asked.isdigit() and len(asked) < 10
        if is_number and asked not in choices and self.workflow.versions.filter(number=asked).exists():
            choices[asked] = _("Version %d") % int(asked)
        return list(choices.items())

    @property
    def number(self) -> int | None:
        """The number of the version, None for the draft. Also for a form that is not valid."""
        asked = self.data.get("version", "")
        return int(asked) if asked and asked in dict(self._offered) else None


class TestForm(ScriptForm):
    """And one event, or a made-up one."""

    event = forms.ChoiceField(label=gettext_lazy("Event"), required=False)
    other = forms.CharField(
        label=gettext_lazy("Or an event ID"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"placeholder": "evt_…", "spellcheck": "false", "autocomplete": "off"}),
    )
    anyway = forms.BooleanField(
        label=gettext_lazy("Go on even if the trigger conditions are not met"), required=False
    )

    def offer(self, script: Script, *, stored: bool) -> None:
        """Choices of recent events; with `stored` unset, of the sample only."""
        recent = list(recent_events(script.trigger, script.workflow.pk)[:RECENT]) if stored else []
        choices = [(event.reference, _choice_label(event)) for event in recent]
        asked = self.data.get("event", "")
        if stored and asked and asked != SAMPLE and asked not in dict(choices):
            choices.insert(0, (asked, asked))
        field_of(self, "event", forms.ChoiceField).choices = [*choices, (SAMPLE, _("Sample data"))]
        self.initial["event"] = self.newest = choices[0][0] if choices else SAMPLE
        if not stored:
            del self.fields["other"]

    def chosen(self) -> Event | None:
        """The stored event, None for the sample. Raises `ValidationError` for one that never arrived."""
        self.is_valid()
        wanted = (self.cleaned_data.get("other") or "").strip() or self.cleaned_data.get("event")
        wanted = wanted or self.newest
        if wanted == SAMPLE:
            return None
        event = Event.objects.called(wanted).first()
        if event is None:
            raise forms.ValidationError(_("No event with this ID has arrived."))
        return event


class BackTestForm(ScriptForm):
    """And a number of days; `until`, in Unix seconds, keeps the pages of one list together."""

    days = forms.IntegerField(
        label=gettext_lazy("Days back"), min_value=1, max_value=MAX_DAYS, initial=DAYS, required=False
    )
    until = forms.IntegerField(required=False, min_value=0, max_value=4_000_000_000, widget=forms.HiddenInput)


def _choice_label(event: Event) -> str:
    at = formats.date_format(timezone.localtime(event.created), "SHORT_DATETIME_FORMAT")
    return " · ".join(filter(None, [at, event.object_id, event.external_id]))
