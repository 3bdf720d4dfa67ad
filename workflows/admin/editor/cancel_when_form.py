"""How people choose the events that end a run: rows of an event and the object that has to be the same."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue
from stripeflow.triggers.types.searchable import SearchableSelect
from stripeflow.triggers.types.stripe_event.labels import event_choices
from stripeflow.workflows.definition.cancel_when import MOST
from stripeflow.workflows.definition.same_object import SAME_OBJECTS
from stripeflow.workflows.models import CancelEvent, Trigger

# Of each event its type, the object that has to be the same, and the key of its row, if it has one.
Rows = list[dict[str, str]]


def rows_of(trigger: Trigger) -> Rows:
    """The saved events, as the form has them."""
    found = trigger.cancel_events.all() if trigger.pk else ()
    return [{"event": one.event, "same_as": one.same_as, "row": str(one.pk)} for one in found]


def save_rows(trigger: Trigger, given: Rows) -> None:
    """Make the trigger's events those of the form. One that stays keeps its conditions."""
    old = {str(one.pk): one for one in trigger.cancel_events.all()}
    for position, row in enumerate(given):
        one = old.pop(row["row"], None) or CancelEvent(trigger=trigger)
        one.position, one.event, one.same_as = position, row["event"], row["same_as"]
        one.save()
    trigger.cancel_events.filter(pk__in=[one.pk for one in old.values()]).delete()


class CancelWhenWidget(forms.Widget):
    """A row for each event, and an empty one for another. A row without an event is left out."""

    template_name = "stripeflow/workflows/admin/cancel_when.html"
    # The conditions of an event in words, by the key of its row.
    sentences: Mapping[str, str] = {}

    @staticmethod
    def is_in(data: Mapping[str, Any], name: str) -> bool:
        """Whether a form with these rows was posted."""
        return f"{name}-0-event" in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:  # noqa: ANN401
        context = super().get_context(name, value, attrs)
        rows = [*(value or []), {}][:MOST]
        context["widget"]["rows"] = [self._row(name, number, row) for number, row in enumerate(rows)]
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Rows:  # noqa: ANN401
        found = []
        for number in range(MOST):
            event = str(data.get(f"{name}-{number}-event", "")).strip()
            if event:
                rest = {part: str(data.get(f"{name}-{number}-{part}", "")) for part in ("same_as", "row")}
                found.append({"event": event, **rest})
        return found

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ANN401
        return not self.is_in(data, name)

    def _row(self, name: str, number: int, row: dict[str, str]) -> dict[str, Any]:
        event, same = f"{name}-{number}-event", f"{name}-{number}-same_as"
        objects = [("", _("Any object")), *((key, one.label) for key, one in SAME_OBJECTS.items())]
        labels = _("Event %d") % (number + 1), _("Same object as the trigger, for event %d") % (number + 1)
        key, page = row.get("row", ""), "admin:stripeflow_workflows_cancelevent_change"
        return {
            "key": key,
            "key_name": f"{name}-{number}-row",
            "sentence": self.sentences.get(key, ""),
            "url": reverse(page, args=[key]) if key in self.sentences else "",
            "event": SearchableSelect({"aria-label": labels[0]}, event_choices()).render(
                event, row.get("event", ""), {"id": f"id_{event}"}
            ),
            "same_as": forms.Select({"aria-label": labels[1]}, objects).render(
                same, row.get("same_as", ""), {"id": f"id_{same}"}
            ),
        }


class CancelWhenField(forms.Field):
    """Up to five events, as a document has them."""

    widget = CancelWhenWidget

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ANN401
        return bool((initial or []) != (data or []))

    def say(self, sentences: Mapping[str, str]) -> None:
        """Show these conditions, each by the key of its row, with the way to their page."""
        self.widget.sentences = sentences

    def clean(self, value: Any) -> Rows:  # noqa: ANN401
        rows: Rows = value or []
        for row in rows:
            if not catalogue.may_be_sent(row["event"]):
                message = _("“%s” cannot be an event of Stripe. Choose one from the list.")
                raise ValidationError(message % row["event"])
            if row.get("same_as", "") not in ("", *SAME_OBJECTS):
                raise ValidationError(_("Choose the object from the list."))
        return rows
