"""How people choose the events that end a run: rows of an event and the object that has to be the same."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue
from stripeflow.triggers.types.searchable import SearchableSelect
from stripeflow.triggers.types.stripe_event.labels import event_choices
from stripeflow.workflows.definition.cancel_when import MOST
from stripeflow.workflows.definition.same_object import SAME_OBJECTS

Rows = list[dict[str, str]]


class CancelWhenWidget(forms.Widget):
    """A row for each event, and an empty one for another. A row without an event is left out."""

    template_name = "stripeflow/workflows/admin/cancel_when.html"

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
                same = str(data.get(f"{name}-{number}-same_as", ""))
                found.append({"event": event, **({"same_as": same} if same else {})})
        return found

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ANN401
        return not self.is_in(data, name)

    def _row(self, name: str, number: int, row: dict[str, str]) -> dict[str, Any]:
        event, same = f"{name}-{number}-event", f"{name}-{number}-same_as"
        objects = [("", _("Any object")), *((key, one.label) for key, one in SAME_OBJECTS.items())]
        labels = _("Event %d") % (number + 1), _("Same object as the trigger, for event %d") % (number + 1)
        return {
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

    def clean(self, value: Any) -> Rows:  # noqa: ANN401
        rows: Rows = value or []
        for row in rows:
            if not catalogue.may_be_sent(row["event"]):
                message = _("“%s” cannot be an event of Stripe. Choose one from the list.")
                raise ValidationError(message % row["event"])
            if row.get("same_as", "") not in ("", *SAME_OBJECTS):
                raise ValidationError(_("Choose the object from the list."))
        return rows
