"""The labels of Stripe's event types, and the choices among them."""

from typing import Any

from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue
from stripeflow.triggers.recent import unlisted_types

Choices = list[tuple[str, Any]]


def label_of(key: str) -> str:
    """ "Charge refunded". A type of which nobody knows what it is about stands for itself."""
    found = catalogue.any_event_type(key)
    return found.label if found.listed or found.object else key


def event_choices() -> Choices:
    """Every event type by category, the suggested ones first."""
    suggested = [(one.key, one.label) for one in catalogue.event_types() if one.suggested]
    groups: dict[str, list[tuple[str, str]]] = {str(one.label): [] for one in catalogue.categories()}
    for one in catalogue.event_types():
        if not one.suggested:
            groups[str(one.category.label)].append((one.key, one.label))
    came = [(key, label_of(key)) for key in unlisted_types()]
    others = [(_("Not listed by Stripe, but received"), came)] if came else []
    return [("", _("Choose an event")), (_("Suggested"), suggested), *others, *groups.items()]
