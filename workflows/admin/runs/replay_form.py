"""The two forms of a replay: what to look at, and the confirmation of what was shown."""

import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stripeflow.workflows.admin.base.form_fields import field_of
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations.replay import MAX_EVENTS
from stripeflow.workflows.operations.replay_choice import Choice
from stripeflow.workflows.states import WorkflowStatus

NOTE_LENGTH = 500
_ID_LENGTH = 255
_BETWEEN = re.compile(r"[\s,;]+")


class MomentInput(forms.DateTimeInput):
    """The browser's own box for a date and a time; a plain text box where it has none."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M:%S", attrs={"step": "1"})


class ReplayForm(forms.Form):
    """A workflow, and events of it by their IDs or by a span."""

    workflow = forms.ModelChoiceField(Workflow.objects.none(), label=gettext_lazy("Workflow"))
    number = forms.IntegerField(
        label=gettext_lazy("Version"),
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text=gettext_lazy("Its number. Empty: the active one."),
    )
    ids = forms.CharField(
        label=gettext_lazy("Event IDs"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "placeholder": "evt_…"}),
        help_text=gettext_lazy("Separated by spaces, commas or lines. With IDs, the span only narrows them."),
    )
    since = forms.DateTimeField(label=gettext_lazy("Created since"), required=False, widget=MomentInput)
    until = forms.DateTimeField(label=gettext_lazy("Created before"), required=False, widget=MomentInput)
    again = forms.BooleanField(
        label=gettext_lazy("Also events that the workflow has run for"),
        required=False,
        help_text=gettext_lazy("Every step acts once more: an e-mail is sent again."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        able = Workflow.objects.exclude(status__in=[WorkflowStatus.DRAFT, WorkflowStatus.ARCHIVED])
        field_of(self, "workflow", forms.ModelChoiceField).queryset = able.select_related(
            "active_version"
        ).order_by("name", "pk")
        zone = timezone.get_current_timezone_name()
        for name in ("since", "until"):
            self.fields[name].help_text = _("Time zone: %s.") % zone

    def clean_ids(self) -> tuple[str, ...]:
        ids = tuple(dict.fromkeys(filter(None, _BETWEEN.split(self.cleaned_data["ids"]))))
        if any(len(one) > _ID_LENGTH for one in ids):
            raise forms.ValidationError(_("One of these is too long to be an ID."))
        if len(ids) > MAX_EVENTS:
            raise forms.ValidationError(
                ngettext(
                    "At most %(most)d events can be replayed at once; this is %(number)d.",
                    "At most %(most)d events can be replayed at once; these are %(number)d.",
                    len(ids),
                )
                % {"most": MAX_EVENTS, "number": len(ids)}
            )
        return ids

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until <= since:
            self.add_error("until", _("The span ends before it begins."))
        if not self.errors and not given["ids"] and since is None:
            self.add_error("ids", _("Name events by their IDs, or say since when."))
        return given

    @property
    def choice(self) -> Choice:
        """What was chosen; only once the form is valid."""
        given = self.cleaned_data
        names = ("number", "ids", "since", "until")
        return Choice(given["workflow"], **{name: given[name] for name in names})


class ConfirmForm(forms.Form):
    """What the preview showed, as it is posted back: these events, on this version, and no others."""

    version = forms.IntegerField(min_value=1)
    events = forms.CharField()
    again = forms.BooleanField(required=False)
    active = forms.BooleanField(required=False)
    note = forms.CharField(required=False, max_length=NOTE_LENGTH)

    def clean_events(self) -> list[int]:
        parts = self.cleaned_data["events"].split(",")
        if len(parts) > MAX_EVENTS or not all(one.isascii() and one.isdigit() for one in parts):
            raise forms.ValidationError(_("These are no events of a preview."))
        return [int(one) for one in parts]
