"""A workflow's definition as a template: people become parameters, and what names somebody is left out.

Left out are secrets, IDs and accounts of Stripe, e-mail addresses, groups, and other workflows: of another
person's workflow nothing may be taken along that way. What is not understood is left out as well.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.references import holds_reference
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.fields import PREFIXES
from stripeflow.workflows.definition.titles import step_title, title_in
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.walk import steps

_PREFIX = "|".join(sorted(map(re.escape, PREFIXES), key=len, reverse=True))
# An e-mail address; the ID of an object, which has a digit as no word has; a key, or an ID of another kind.
_NAMES_SOMEBODY = re.compile(
    r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|(?<![A-Za-z0-9_.])(?:{_PREFIX})(?=[A-Za-z_]*[0-9])[A-Za-z0-9_]+"
    r"|(?<![A-Za-z0-9_.])[a-z]{1,12}_(?:test_|live_)?(?=[A-Za-z]*[0-9])[A-Za-z0-9]{8,}"
)
_REFERENCE = re.compile(r"(\{\{.*?\}\})", re.DOTALL)
_QUOTED = re.compile(r'"[^"]*"')
_MARK = "…"
# Words of the format, and names within the document: no text of a person's.
_OF_THE_FORMAT = frozenset(
    {"key", "type", "kind", "action", "field", "operator", "match", "event_type", "on_error", "if_undecided"}
)
# Kinds of inputs that name what only this installation has, whatever their value is.
_OWN_KINDS = frozenset({"groups", "workflow"})
_PEOPLE = "team_members"


@dataclass
class Opened:
    """A template's definition, what it asks for, and the titles of what was left out."""

    document: Json
    parameters: list[Json] = field(default_factory=list)
    left_empty: list[str] = field(default_factory=list)

    def leave(self, title: str) -> None:
        """Say once that something is to be filled in."""
        if title not in self.left_empty:
            self.left_empty.append(title)


def opened(document: Json) -> Opened:
    """The template that a workflow's definition makes. The definition stays as it is."""
    found = Opened(deepcopy({key: document[key] for key in document if key not in ("name", "description")}))
    _open_trigger(found)
    for place in steps(found.document):
        _open_step(found, place.step)
    found.document = {key: _without_names(found, value, _("Texts")) for key, value in found.document.items()}
    return found


def _open_trigger(found: Opened) -> None:
    """Mode and listed accounts are this installation's; workflows that it names are, too."""
    trigger = found.document["trigger"]
    scope = trigger.pop("scope", None)
    if scope and isinstance(scope["accounts"], str):
        trigger["scope"] = {"accounts": scope["accounts"]}
    elif scope:
        found.leave(_("Trigger: %s") % _("Accounts"))
    plan = TriggerPlan.of(trigger)
    declared = plan.kind.settings if plan.kind else ()
    named = [one for one in declared if getattr(one, "names_workflows", False) and trigger.get(one.name)]
    if plan.kind is None or named:
        # Without the workflows it would start on the runs of all, so that nothing is chosen any more.
        for name in plan.settings:
            trigger.pop(name)
        # Not what it says of itself: that names the workflows.
        found.leave(_("Trigger: %s") % (plan.kind.label if plan.kind else plan.type))


def _open_step(found: Opened, step: Json) -> None:
    title = without_names(step_title(step))
    if "acts_as" in step and _NAMES_SOMEBODY.search(str(step["acts_as"])):
        del step["acts_as"]
        found.leave(_("%(step)s: %(field)s") % {"step": title, "field": _("Account")})
    inputs = step.get("inputs")
    if not inputs:
        return
    declared = kinds.of(step).declared(step)
    known = {one.name: one for one in declared.inputs} if declared else {}
    for name in list(inputs):
        one = known.get(name)
        label = _("%(step)s: %(field)s") % {"step": title, "field": one.label if one else name}
        if one is not None and one.kind == _PEOPLE and inputs[name]:
            _ask(found, step["key"], one, label, inputs)
        elif one is None or _is_own(one, inputs[name]):
            del inputs[name]
            found.leave(label)
        else:
            inputs[name] = _without_names(found, inputs[name], label)


def _is_own(one: InputField, raw: Any) -> bool:
    """Whether the value of an input can be for this installation alone."""
    if one.is_empty(raw):
        return False
    literal_id = one.kind == "id" and not (isinstance(raw, str) and holds_reference(raw))
    return one.secret or one.kind in _OWN_KINDS or literal_id


def _ask(found: Opened, key: str, one: InputField, label: str, inputs: Json) -> None:
    """Make the people of an input a parameter; the same people in several steps are asked for once."""
    named = sorted(inputs[one.name])
    kind = "team_members" if one.required else "approvers"
    place, inputs[one.name] = [key, one.name], []
    for asked in found.parameters:
        if asked["kind"] == kind and asked["named"] == named:
            asked["places"].append(place)
            return
    number = len(found.parameters) + 1
    asked = {"name": f"people_{number}", "label": label, "kind": kind, "named": named, "places": [place]}
    found.parameters.append(asked)


def _without_names(found: Opened, value: Any, title: str) -> Any:
    """A value without what names somebody; it is marked where something was taken out."""
    if isinstance(value, str):
        clean = without_names(value)
        if clean != value:
            found.leave(title)
        return clean
    if isinstance(value, list):
        return [_without_names(found, one, title) for one in value]
    if not isinstance(value, dict):
        return value
    if "operator" in value and "field" in value:
        return _condition(found, value)
    named = without_names(step_title(value)) if value.get("key") and value.get("type") else title
    return {
        key: one if key in _OF_THE_FORMAT else _without_names(found, one, named) for key, one in value.items()
    }


def _condition(found: Opened, value: Json) -> Json:
    """A condition is asked for as a whole: with half of its value it would mean something else."""
    if not any(without_names(text) != text for text in _texts(value.get("value"))):
        return value
    found.leave(_("A condition on %s") % _field_title(found.document, value["field"]))
    return {**value, "value": None}


def _field_title(document: Json, path: str) -> str:
    """What people call the step that a value is of, or the trigger's field."""
    root, *names = path.split(".")
    if root == "steps" and names:
        return without_names(title_in(document, names[0])) or _("the missing step “%s”") % names[0]
    return Known(TriggerPlan.of(document["trigger"])).named(path)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def without_names(text: str) -> str:
    """A text without names; "" if it was nothing else. In references, what stands in quotes is looked at."""
    if _NAMES_SOMEBODY.fullmatch(text.strip()):
        return ""
    parts = _REFERENCE.split(text)
    return "".join(
        _QUOTED.sub(lambda quoted: _NAMES_SOMEBODY.sub(_MARK, quoted[0]), part)
        if part.startswith("{{")
        else _NAMES_SOMEBODY.sub(_MARK, part)
        for part in parts
    )
