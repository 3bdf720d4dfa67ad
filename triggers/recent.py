"""The fields of recent events' objects: what Stripe really sends, whether or not the SDK lists it.

Used while somebody writes or checks a definition, never when an event arrives. The answer is cached for a
minute in this process, so that a page of many fields costs one query for each event type.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from stripeflow.triggers import catalogue
from stripeflow.triggers.catalogue.model import Field, FieldType
from stripeflow.triggers.models import BODY, Event, Source

# How many of the newest events of one type are read, and how much of each.
EVENTS = 25
_DEPTH = 8
_ITEMS = 20
_NODES = 3000
# How many of the newest events are searched for the types that have arrived.
_NEWEST = 1000
_KEPT_SECONDS = 60
_KEPT_TYPES = 64

ANY_INDEX = "*"
# The keys below these are people's own words, so they are as private as values.
_FREE_KEYS = "metadata"
_KINDS: dict[type, FieldType] = {
    bool: FieldType.BOOLEAN,
    int: FieldType.INTEGER,
    float: FieldType.DECIMAL,
    str: FieldType.STRING,
    dict: FieldType.OBJECT,
    list: FieldType.LIST,
}


@dataclass
class Seen:
    """What was at one path: its types, what was below it, and in how many events of which API versions."""

    types: set[FieldType] = field(default_factory=set)
    keys: dict[str, Seen] = field(default_factory=dict)
    item: Seen | None = None
    events: int = 0
    versions: dict[str, None] = field(default_factory=dict)

    @property
    def type(self) -> FieldType:
        """The type of every value but null; any where they differ, or where there was only null."""
        if self.types == {FieldType.INTEGER, FieldType.DECIMAL}:
            return FieldType.DECIMAL
        return next(iter(self.types)) if len(self.types) == 1 else FieldType.ANY


@dataclass(frozen=True)
class Recent:
    """What the newest events of some types held; `events` of them were read."""

    root: Seen = field(default_factory=Seen)
    events: int = 0
    versions: tuple[str, ...] = ()

    def seen(self, path: str) -> Seen | None:
        """What stood at a dotted path of their objects; `*` and numbers stand for any item of a list."""
        node: Seen | None = self.root
        for segment in path.split(".") if path else ():
            node = node and _below(node, segment)
        return node

    def field(self, path: str) -> Field | None:
        """The field at a path, typed by what stood there; None where no event had it."""
        seen = self.seen(path)
        if seen is None or not path:
            return None
        name = path.rpartition(".")[2]
        kind, currency = self._type(seen, path, name)
        return Field(
            name=name,
            path=path,
            label=_label(path, name),
            type=kind,
            nullable=True,
            optional=True,
            currency_path=currency,
            has_children=bool(seen.keys or (seen.item and seen.item.keys)),
        )

    def children(self, path: str = "") -> tuple[Field, ...]:
        """The fields one level below a path, in the order of their names; of a list: of its items.

        None below metadata: its keys are for people who may see payloads.
        """
        if _FREE_KEYS in path.split("."):
            return ()
        seen = self.seen(path)
        if seen is not None and seen.item is not None:
            seen, path = seen.item, f"{path}.{ANY_INDEX}"
        names = sorted(seen.keys) if seen else []
        found = (self.field(f"{path}.{name}" if path else name) for name in names if "." not in name)
        return tuple(one for one in found if one is not None)

    def _type(self, seen: Seen, path: str, name: str) -> tuple[FieldType, str | None]:
        """The type, and the currency's path where it is an amount of money."""
        if seen.type is not FieldType.INTEGER:
            return seen.type, None
        if catalogue.is_time(name, doc=""):
            return FieldType.TIMESTAMP, None
        parts = tuple(path.split("."))
        currency = ".".join((*parts[:-1], "currency"))
        beside = self.seen(currency)
        if beside and beside.type is FieldType.STRING and catalogue.looks_like_money(parts, doc=""):
            return FieldType.MONEY, currency
        return FieldType.INTEGER, None


def recent(event_types: Iterable[str]) -> Recent:
    """What the newest stored events of these types held. At most one query for each type and minute."""
    found = [_kept(one) for one in dict.fromkeys(event_types) if one]
    if len(found) == 1:
        return found[0]
    root = Seen()
    for one in found:
        _merge(root, one.root)
    versions = dict.fromkeys(version for one in found for version in one.versions)
    return Recent(root, sum(one.events for one in found), tuple(versions))


def unlisted_types() -> tuple[str, ...]:
    """The types of the newest events that Stripe's SDK does not list, in the order of their names."""
    now = time.monotonic()
    until, kept = _unlisted.get("", (0.0, ()))
    if now >= until:
        newest = (
            Event.objects.filter(source=Source.STRIPE).order_by("-received_at").values_list("type", flat=True)
        )
        kept = tuple(sorted(one for one in set(newest[:_NEWEST]) if not catalogue.any_event_type(one).listed))
        _unlisted[""] = (now + _KEPT_SECONDS, kept)
    return kept


def forget() -> None:
    """Clear the cache. For tests, whose databases hold different events."""
    _answers.clear()
    _unlisted.clear()


_unlisted: dict[str, tuple[float, tuple[str, ...]]] = {}
_answers: dict[str, tuple[float, Recent]] = {}


def _kept(event_type: str) -> Recent:
    now = time.monotonic()
    until, answer = _answers.get(event_type, (0.0, None))
    if answer is not None and now < until:
        return answer
    if len(_answers) >= _KEPT_TYPES:
        _answers.clear()
    answer = _look(event_type)
    _answers[event_type] = (now + _KEPT_SECONDS, answer)
    return answer


def _look(event_type: str) -> Recent:
    rows = Event.objects.filter(type=event_type, source=Source.STRIPE, pruned_at=None).order_by("-created")
    root, room, versions = Seen(), [_NODES], []
    objects = list(_objects(rows[:EVENTS].only("source", "api_version", *BODY)))
    for value, version in objects:
        versions.append(version)
        _learn(root, value, version, room, 0)
    return Recent(root, len(objects), tuple(dict.fromkeys(one for one in versions if one)))


def _objects(events: Iterable[Event]) -> Iterator[tuple[dict[str, Any], str]]:
    for event in events:
        if event.object:
            yield event.object, event.api_version


def _learn(seen: Seen, value: Any, version: str, room: list[int], depth: int) -> None:
    """Add one value; `room` is how many more places may be kept."""
    seen.events += 1
    if version:
        seen.versions[version] = None
    if kind := _KINDS.get(type(value)):
        seen.types.add(kind)
    if depth >= _DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in seen.keys and _take(room):
                seen.keys[key] = Seen()
            if key in seen.keys:
                _learn(seen.keys[key], inner, version, room, depth + 1)
    elif isinstance(value, list):
        seen.item = seen.item or Seen()
        for inner in value[:_ITEMS]:
            _learn(seen.item, inner, version, room, depth + 1)


def _take(room: list[int]) -> bool:
    room[0] -= 1
    return room[0] >= 0


def _below(seen: Seen, segment: str) -> Seen | None:
    if seen.item is not None and (segment == ANY_INDEX or segment.isdecimal()):
        return seen.item
    return seen.keys.get(segment)


def _merge(into: Seen, other: Seen) -> None:
    into.types |= other.types
    into.events += other.events
    into.versions |= other.versions
    for key, inner in other.keys.items():
        _merge(into.keys.setdefault(key, Seen()), inner)
    if other.item is not None:
        into.item = into.item or Seen()
        _merge(into.item, other.item)


def _label(path: str, name: str) -> str:
    """What a field is called."""
    if path.split(".")[-2:-1] == [_FREE_KEYS]:
        return name
    return catalogue.humanize(name)
