"""What Stripe can send: every event type, the object that it carries, and that object's typed fields.

Read from the installed `stripe` package when first asked for, object by object, and kept. Nothing here
is imported at start-up.
"""

from triggers.catalogue.events import categories, event_type, event_types
from triggers.catalogue.labels import object_label
from triggers.catalogue.model import (
    Category,
    EventType,
    Field,
    FieldType,
    UnknownEventType,
    UnknownObject,
)
from triggers.catalogue.paths import field_label_path, search
from triggers.catalogue.samples import sample
from triggers.catalogue.typed_fields import (
    children,
    envelope_fields,
    field,
    fields,
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
    "categories",
    "children",
    "envelope_fields",
    "event_type",
    "event_types",
    "field",
    "field_label_path",
    "fields",
    "item_field",
    "item_fields",
    "object_label",
    "object_names",
    "sample",
    "search",
]
