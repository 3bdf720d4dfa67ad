"""What Stripe can send: every event type, the object that it carries, and that object's typed fields.

Read from the installed `stripe` package when first asked for, object by object, and kept. Nothing that
reads is imported at start-up, but with the first use of one of these names.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stripeflow.triggers.catalogue.events import (
        any_event_type,
        carried_by,
        categories,
        event_type,
        event_types,
        may_be_sent,
        one_of,
        similar_event_types,
    )
    from stripeflow.triggers.catalogue.labels import humanize, object_label
    from stripeflow.triggers.catalogue.model import (
        Category,
        EventType,
        Field,
        FieldType,
        UnknownEventType,
        UnknownObject,
    )
    from stripeflow.triggers.catalogue.money import looks_like_money
    from stripeflow.triggers.catalogue.paths import field_label_path, search
    from stripeflow.triggers.catalogue.samples import sample, sample_id
    from stripeflow.triggers.catalogue.sdk import api_version
    from stripeflow.triggers.catalogue.times import is_time
    from stripeflow.triggers.catalogue.typed_fields import (
        children,
        envelope_fields,
        field,
        fields,
        from_item,
        item_field,
        item_fields,
        object_names,
    )

__all__ = [
    "Category",
    "EventType",
    "Field",
    "FieldType",
    "UnknownEventType",
    "UnknownObject",
    "any_event_type",
    "api_version",
    "carried_by",
    "categories",
    "children",
    "envelope_fields",
    "event_type",
    "event_types",
    "field",
    "field_label_path",
    "fields",
    "from_item",
    "humanize",
    "is_time",
    "item_field",
    "item_fields",
    "looks_like_money",
    "may_be_sent",
    "object_label",
    "object_names",
    "one_of",
    "sample",
    "sample_id",
    "search",
    "similar_event_types",
]

_HOMES = {
    "events": (
        "any_event_type",
        "carried_by",
        "categories",
        "event_type",
        "event_types",
        "may_be_sent",
        "one_of",
        "similar_event_types",
    ),
    "labels": ("humanize", "object_label"),
    "model": ("Category", "EventType", "Field", "FieldType", "UnknownEventType", "UnknownObject"),
    "money": ("looks_like_money",),
    "paths": ("field_label_path", "search"),
    "samples": ("sample", "sample_id"),
    "sdk": ("api_version",),
    "times": ("is_time",),
    "typed_fields": (
        "children",
        "envelope_fields",
        "field",
        "fields",
        "from_item",
        "item_field",
        "item_fields",
        "object_names",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    # Kept, so that the next access is direct.
    globals()[name] = value
    return value
