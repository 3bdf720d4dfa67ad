"""The form of an event destination: where events are sent, and which ones of which workflows."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from stripeflow.workflows.destinations.changes import Wanted, fault_of
from stripeflow.workflows.models import EventDestination, Workflow
from stripeflow.workflows.models.destination import MAX_URL
from stripeflow.workflows.run_events import types

_MODES = {"": None, "live": True, "test": False}


class DestinationForm(forms.ModelForm):
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=MAX_URL,
        widget=forms.URLInput(attrs={"class": "vURLField", "placeholder": "https://example.com/webhooks"}),
        help_text=gettext_lazy(
            "Events are posted there. It begins with https://, and redirects are not followed."
        ),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"), widget=forms.CheckboxSelectMultiple, choices=types.choices
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Mode"),
        required=False,
        choices=[
            ("", pgettext_lazy("modes of runs", "Live and test")),
            ("live", pgettext_lazy("modes of runs", "Live only")),
            ("test", pgettext_lazy("modes of runs", "Test only")),
        ],
    )
    workflows = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Workflows"),
        required=False,
        queryset=Workflow.objects.current(),
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=gettext_lazy("Only where “All workflows” is not chosen."),
    )

    class Meta:
        model = EventDestination
        fields = ("title", "url", "events", "mode", "all_workflows", "workflows")
        help_texts: ClassVar = {"title": gettext_lazy("Such as “Warehouse”.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        if row.pk is None or "events" not in self.fields:
            return
        modes = {livemode: name for name, livemode in _MODES.items()}
        self.initial.update(
            events=[one.type for one in row.subscriptions.all()],
            mode=modes[row.livemode],
            workflows=list(row.workflows.values_list("pk", flat=True)),
        )
        # A chosen one that is archived by now stays chosen.
        self.fields["workflows"].queryset = Workflow.objects.current() | Workflow.objects.filter(  # type: ignore[attr-defined]
            pk__in=self.initial["workflows"]
        )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if fault := fault_of(url):
            raise forms.ValidationError(fault)
        return url

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("all_workflows") and not given.get("workflows"):
            self.add_error("workflows", _("Choose all workflows, or at least one."))
        return given

    def wanted(self) -> Wanted:
        """What the person has chosen."""
        given = self.cleaned_data
        chosen = [] if given["all_workflows"] else [one.pk for one in given["workflows"]]
        return Wanted(
            given["title"],
            given["url"],
            given["events"],
            given["all_workflows"],
            chosen,
            _MODES[given["mode"]],
        )
