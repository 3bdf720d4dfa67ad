"""Whether an event is about the same object: the ids by which a run that waits for it is found. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue
from stripeflow.triggers.types.stripe_event.labels import label_of
from stripeflow.workflows.definition.lane import Json

# Our own texts name some of these objects, so that there are translations. Nothing is to be collected here.
_translated = _


@dataclass(frozen=True)
class SameObject:
    """One kind of object that two events may have in common.

    `object` is Stripe's name of it; `paths` are where another object names it, the usual one first. Which one
    is filled in depends on the API version.
    """

    key: str
    object: str
    paths: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Stripe's name of the object."""
        return _translated(str(catalogue.object_label(self.object)))

    def id_in(self, found: Json) -> str:
        """The id of the object that `found` is, or belongs to; "" if it says none."""
        if found.get("object") == self.object and isinstance(found.get("id"), str):
            return str(found["id"])
        return next(filter(None, (_id_at(found, path) for path in self.paths)), "")

    def is_known_of(self, object_name: str | None) -> bool:
        """Whether Stripe's SDK lists it of this object. Of an unknown object, anything may be."""
        if object_name is None:
            return True
        return any(self._is_listed(name) for name in catalogue.one_of(object_name))

    def _is_listed(self, name: str) -> bool:
        return name == self.object or any(_has(name, path) for path in self.paths)


SAME_OBJECTS = {
    one.key: one
    for one in (
        SameObject("customer", "customer", ("customer",)),
        SameObject(
            "subscription",
            "subscription",
            ("subscription", "parent.subscription_details.subscription"),
        ),
        SameObject("invoice", "invoice", ("invoice", "latest_invoice")),
        SameObject("payment_intent", "payment_intent", ("payment_intent",)),
        SameObject("charge", "charge", ("charge", "latest_charge")),
        SameObject("checkout_session", "checkout.session"),
    )
}


def heading(event_type: str, same_as: str) -> str:
    """ "Invoice paid, same customer"."""
    label = label_of(event_type)
    if same_as not in SAME_OBJECTS:
        return label
    names = {"event": label, "object": SAME_OBJECTS[same_as].label.lower()}
    return _("%(event)s, same %(object)s") % names


def ids_in(found: Json) -> Iterator[tuple[str, str]]:
    """Each id that an object says, with its kind: ("customer", "cus_1")."""
    for one in SAME_OBJECTS.values():
        if known := one.id_in(found):
            yield one.key, known


def _id_at(found: Any, path: str) -> str:
    """The id at a path, also where the object itself stands in its place."""
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, dict):
        found = found.get("id")
    return found if isinstance(found, str) else ""


def _has(object_name: str, path: str) -> bool:
    try:
        return catalogue.field(object_name, path) is not None
    except catalogue.UnknownObject:
        return True
