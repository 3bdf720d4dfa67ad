"""What is different between two definitions, as sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stripeflow.actions import registry
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.cancel_when import cancel_events
from stripeflow.workflows.definition.caused import caused_words
from stripeflow.workflows.definition.choices import ActsAs
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import Role, lanes
from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.definition.scope_words import scope_sentence
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.walk import Place, steps
from stripeflow.workflows.display.words import (
    Line,
    cancel_words,
    condition_sentence,
    input_lines,
    retry_words,
    undecided_words,
)

_NO_INPUT: tuple[Any, Line] = (None, Line("", ()))


@dataclass(frozen=True)
class Change:
    """One difference: what it is about, and what it said before and says now; "" where there was nothing.

    `step` is the title of a step that came, went, or stands somewhere else.
    """

    about: str
    before: str = ""
    after: str = ""
    step: str = ""


def changes(before: Json, after: Json, *, readable: bool = False) -> tuple[Change, ...]:
    """Every difference of two definitions, in reading order. Steps are matched by their keys.

    `readable`: for somebody who may edit them, and so may read what could be secret.
    """
    return tuple(_Difference(_Side(before, after, readable), _Side(after, before, readable)).changes())


def in_short(found: tuple[Change, ...]) -> str:
    """The first difference in a few words, for a button, and how many more there are.

    A step that came, went or moved comes first: it changes the words of others, as their references break.
    """
    if not found:
        return _("the order of things")
    found = tuple(change for change in found if change.step) or found
    first, more = found[0], len(found) - 1
    words = first.about
    if first.step:
        words = _("%(about)s “%(step)s”") % {"about": first.about, "step": first.step}
    if not more:
        return words
    text = ngettext("%(first)s, and %(more)d more change", "%(first)s, and %(more)d more changes", more)
    return text % {"first": words, "more": more}


class _Side:
    """One of the two documents, with its steps by key. What it refers to may be a step of the `other`."""

    def __init__(self, document: Json, other: Json, readable: bool) -> None:
        self.document, self.other, self.readable = document, other, readable
        self.trigger = TriggerPlan.of(self.document["trigger"])

    @cached_property
    def places(self) -> dict[str, Place]:
        deleted = tuple(place.step for place in steps(self.other))
        return {place.step["key"]: place for place in steps(self.document, deleted)}

    @cached_property
    def homes(self) -> dict[str, str]:
        """Where each step stands: below which branch, by names that do not change when steps move."""
        found: dict[str, str] = {}
        for place in self.places.values():
            for lane in lanes(place.step):
                for step in lane.steps:
                    found[step["key"]] = f"{place.step['key']}/{lane.key}"
        return found

    @cached_property
    def order(self) -> dict[str, list[str]]:
        """The keys of each list of steps, by where it stands."""
        found: dict[str, list[str]] = {}
        for key in self.places:
            found.setdefault(self.homes.get(key, ""), []).append(key)
        return found

    def known(self, key: str = "") -> Known:
        return Known.at(self.trigger, self.places[key]) if key else Known(self.trigger)

    def title(self, key: str) -> str:
        return step_title(self.places[key].step)

    def inputs(self, key: str) -> dict[str, tuple[Any, Line]]:
        """The filled-in inputs of a step by name, each as it is saved and in words."""
        step = self.places[key].step
        action, inputs = kinds.of(step).declared(step), step.get("inputs", {})
        lines = input_lines(action, inputs, self.known(key), readable=self.readable)
        return {line.name: (inputs[line.name], line) for line in lines}

    def ways(self, key: str) -> dict[str, Json]:
        """The branches of a branch step by key, without their steps."""
        ways = (lane for lane in lanes(self.places[key].step) if lane.role is not Role.ERROR)
        return {lane.key: {**lane.own, "steps": []} for lane in ways}

    def way_words(self, key: str, way: Json | None) -> str:
        """What a branch of a branch step says; "" for none."""
        if way is None:
            return ""
        sentence = condition_sentence(way.get("conditions"), self.known(key))
        words = _("All other cases") if way.get("otherwise") else _("If %s") % sentence
        return f"{way['name']}: {words}" if way.get("name") else words


class _Difference:
    def __init__(self, before: _Side, after: _Side) -> None:
        self.before, self.after = before, after

    def changes(self) -> Iterator[Change]:
        yield from self._texts()
        yield from self._trigger()
        for key in self.after.places:
            if key not in self.before.places:
                title = self.after.title(key)
                yield Change(_("Step added"), after=title, step=title)
            else:
                yield from self._step(key)
        for key in self.before.places:
            if key not in self.after.places:
                title = self.before.title(key)
                yield Change(_("Step removed"), before=title, step=title)
        yield from self._moves()

    def _texts(self) -> Iterator[Change]:
        for name, about in (("name", _("Name")), ("description", _("Description"))):
            pair = self.before.document.get(name, ""), self.after.document.get(name, "")
            yield from _changed(about, *pair)

    def _trigger(self) -> Iterator[Change]:
        old, new = self.before, self.after
        yield from _changed(_("Event"), old.trigger.full_label, new.trigger.full_label)
        yield from _changed(_("Which of these events count"), _scope_words(old), _scope_words(new))
        caused = (caused_words(old.document), caused_words(new.document))
        yield from _changed(_("Events that workflows cause"), *caused)
        if _trigger_conditions(old) != _trigger_conditions(new):
            yield from _changed(_("Trigger conditions"), _trigger_words(old), _trigger_words(new))
        yield from _changed(_("Canceled when"), _cancel_words(old), _cancel_words(new))

    def _step(self, key: str) -> Iterator[Change]:
        old, new = self.before.places[key].step, self.after.places[key].step
        title = self.after.title(key)
        if old.get("name") != new.get("name"):
            yield from _changed(_("Name of a step"), self.before.title(key), title)
        if old.get("action") != new.get("action"):
            yield Change(_("%s: action") % title, _action(old), _action(new))
        yield from self._inputs(key, title)
        yield from self._branches(key)
        about = _("%s: if a condition is unknown") % title
        yield from _changed(about, undecided_words(old), undecided_words(new))
        yield from _changed(_("%s: if it fails") % title, _on_error(old), _on_error(new))
        yield from _changed(_("%s: acts as") % title, _acts_as(old), _acts_as(new))
        yield from _changed(_("%s: tried again") % title, _retry(old), _retry(new))

    def _inputs(self, key: str, title: str) -> Iterator[Change]:
        old_inputs, new_inputs = self.before.inputs(key), self.after.inputs(key)
        for name in {**old_inputs, **new_inputs}:
            (old, was), (new, now) = old_inputs.get(name, _NO_INPUT), new_inputs.get(name, _NO_INPUT)
            # A step that went or was renamed changes the words of what refers to it; that is listed there.
            if old != new:
                about = _("%(step)s: %(input)s") % {"step": title, "input": now.label or was.label}
                yield from _changed(about, was.text, now.text)

    def _branches(self, key: str) -> Iterator[Change]:
        old_ways, new_ways = self.before.ways(key), self.after.ways(key)
        about = _("%s: branch") % self.after.title(key)
        for branch in {**old_ways, **new_ways}:
            old, new = old_ways.get(branch), new_ways.get(branch)
            if old != new:
                yield from _changed(about, self.before.way_words(key, old), self.after.way_words(key, new))

    def _moves(self) -> Iterator[Change]:
        for key in self.after.places.keys() & self.before.places.keys():
            if self.after.homes.get(key) != self.before.homes.get(key):
                title = self.after.title(key)
                yield Change(_("Step moved to another branch"), after=title, step=title)
        for home, keys in self.after.order.items():
            kept = [key for key in keys if key in self.before.order.get(home, ())]
            old = [key for key in self.before.order.get(home, ()) if key in kept]
            if kept != old:
                titles = ", ".join(map(self.after.title, keys))
                yield Change(_("Steps in another order"), after=titles, step=self._moved(old, kept))

    def _moved(self, old: list[str], new: list[str]) -> str:
        """The one step whose move explains the new order; "" if it takes more."""
        alone = (key for key in old if _without(key, old) == _without(key, new))
        return next(map(self.after.title, alone), "")


def _without(key: str, keys: list[str]) -> list[str]:
    return [one for one in keys if one != key]


def _changed(about: str, before: str, after: str) -> Iterator[Change]:
    if before != after:
        yield Change(about, before, after)


def _scope_words(side: _Side) -> str:
    scope = scope_of(side.document["trigger"])
    listed = f" ({', '.join(scope.listed)})" if scope.listed else ""
    return scope_sentence(scope) + listed if scope.is_chosen else _("Nobody has chosen: all of them")


def _trigger_conditions(side: _Side) -> Json | None:
    return side.document["trigger"].get("conditions")


def _trigger_words(side: _Side) -> str:
    sentence = condition_sentence(_trigger_conditions(side), side.known())
    return _("If %s") % sentence if sentence else _("Every time")


def _cancel_words(side: _Side) -> str:
    found = cancel_events(side.document["trigger"])
    return _(" or ").join(cancel_words(one, side.trigger) for one in found)


def _action(step: Json) -> str:
    key = step.get("action", "")
    action = registry.find(key)
    return str(action.label) if action else key


def _on_error(step: Json) -> str:
    words = {
        "continue": _("go on with the next step"),
        "branch": _("take the error branch"),
    }
    return words.get(step.get("on_error", ""), _("stop the run"))


def _acts_as(step: Json) -> str:
    return str(ActsAs(step.get("acts_as", ActsAs.EVENT)).label)


def _retry(step: Json) -> str:
    return retry_words(step.get("retry", {})) or _("as everywhere")
