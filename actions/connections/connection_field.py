"""The form field of an input that names a connection."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

from stripeflow.actions.form_fields import RawField

if TYPE_CHECKING:
    from stripeflow.actions.connections.connection_input import ConnectionInput


class ConnectionField(RawField):
    """One of the connections that there are; the page that shows it offers them."""

    declared: "ConnectionInput"

    def __init__(self, declared: "ConnectionInput") -> None:
        super().__init__(declared, widget=forms.Select())
        self.offer([])

    def offer(self, connections: Iterable[tuple[str, str]]) -> None:
        """Offer these, by name and title."""
        self.widget.choices = [("", _("Choose a connection")), *connections]

    def to_python(self, value: Any) -> str | None:  # noqa: ANN401
        return (value or "").strip() or None

    def show(self, initial: Any) -> None:  # noqa: ANN401
        """Offer the connection that is named, even if it is not there any more."""
        if isinstance(initial, str) and initial and initial not in dict(self.widget.choices):
            self.offer([(initial, initial)])
