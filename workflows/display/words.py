"""A definition in words: conditions as sentences, inputs with references by their labels."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions import money
from stripeflow.actions.base import Action
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.text import shortened
from stripeflow.actions.named_secrets import HIDDEN, name_in
from stripeflow.workflows import conditions
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.cancel_when import CancelEvent, known_of
from stripeflow.workflows.definition.choices import ActsAs, IfUndecided
from stripeflow.workflows.definition.condition_types import Finder, typed_group
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.undecided import (
    if_unknown,
    is_grave,
    may_end,
    may_hold_back,
    moves_or_destroys,
)
from stripeflow.workflows.display.labels import SEPARATOR
from stripeflow.workflows.references import Reference, TemplateError, format_path, parse
from stripeflow.workflows.references.filter_words import filter_words

_LONGEST = 140


@dataclass(frozen=True)
class Part:
    """A piece of an input: literal text, or a reference by its label. `path` is what it refers to."""

    text: str
    path: str = ""


@dataclass(frozen=True)
class Line:
    """One filled-in input of a step; `name` is the input's own."""

    label: str
    parts: tuple[Part, ...]
    name: str = ""

    @property
    def text(self) -> str:
        """The whole of it."""
        return "".join(part.text for part in self.parts)


def trigger_sentence(document: Json) -> str:
    """ "Payment intent succeeded, if amount is greater than $1,000.00 USD"; "" without an event."""
    trigger = document["trigger"]
    plan = TriggerPlan.of(trigger)
    sentence = condition_sentence(trigger.get("conditions"), Known(plan)) if plan.topics else ""
    label = plan.label
    return _("%(event)s, if %(conditions)s") % {"event": label, "conditions": sentence} if sentence else label


def condition_sentence(group: Json | None, finder: Finder) -> str:
    """The conditions read back; "" if there are none, or as long as they are not complete."""
    if not group or not group["conditions"]:
        return ""
    asked: list[str] = []

    def label_of(path: str) -> str:
        label = field_label(path, finder)
        asked.append(label)
        return label

    try:
        text = conditions.describe(typed_group(group, finder), label_of=label_of)
    except conditions.ConditionError:
        return _("conditions that are not complete")
    first = asked[0] if asked else ""
    # `describe` gives a sentence of its own; here it stands after “if”.
    starts = first and text.casefold().startswith(first.casefold())
    return first + text[len(first) :] if starts else text[:1].lower() + text[1:]


def cancel_words(one: CancelEvent, trigger: TriggerPlan) -> str:
    """ "Invoice paid, same customer, if Invoice paid › Amount paid is greater than $10.00 USD"."""
    sentence = condition_sentence(one.conditions, known_of(one, trigger))
    names = {"event": one.heading, "conditions": sentence}
    return _("%(event)s, if %(conditions)s") % names if sentence else one.heading


def field_label(path: str, finder: Finder) -> str:
    """ "amount" for the trigger's own field, "Retrieve the charge › Amount" for one of a step."""
    found = finder.find(path)
    own = path.startswith(("trigger.", "item"))
    if found is None:
        return _inside(finder.named(path)) if own else finder.named(path)
    _source, *names = found.label.split(SEPARATOR)
    return _inside(SEPARATOR.join(names)) if own and names else found.label


def _inside(label: str) -> str:
    """The label as it stands within a sentence: small, but for names such as “ID”."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def secret_words(value: Any) -> str:
    """A secret input in words: the secret that it names."""
    name = name_in(value)
    return _("the secret “%s”") % name if name else HIDDEN


def input_lines(
    action: Action | None, inputs: dict[str, Any], known: Known, *, readable: bool = False
) -> Iterator[Line]:
    """The inputs that are filled in. Those of an action that is not installed are shown by name.

    Nobody can say which of the latter are secret, so their values are for editors alone: `readable`.
    """
    if action is None:
        for name, value in inputs.items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            yield Line(name, (Part(_short(text) if readable else HIDDEN),), name)
        return
    for field in action.inputs:
        value = inputs.get(field.name)
        if not field.is_empty(value):
            shown = secret_words(value) if field.secret else value
            yield Line(str(field.label), tuple(_merged(_input_parts(field, shown, known))), field.name)


def retry_words(retry: dict[str, Any]) -> str:
    """A step's own retry policy: "at most 3 attempts, first pause 5 s"; "" if it has none."""
    phrases = (
        ("max_attempts", _("at most %g attempts")),
        ("base_seconds", _("first pause %g s")),
        ("cap_seconds", _("longest pause %g s")),
        ("total_seconds", _("within %g s")),
    )
    return ", ".join(text % retry[name] for name, text in phrases if name in retry)


def undecided_words(step: Json, *, reason: bool = True) -> str:
    """What a branch step does if a condition is unknown: "stop for a person, since …"; "" for an action.

    Without `reason` as short as a card wants it.
    """
    if not kinds.of(step).asks_person:
        return ""
    rules = set(if_unknown(step).values())
    if len(rules) > 1:
        return _("take “All other cases” only where that does less than the branch in doubt")
    if IfUndecided.STOP not in rules:
        return _("take “All other cases”")
    if step.get("if_undecided") or not reason:
        return _("stop for a person")
    if may_end(step["branches"]):
        return _("stop for a person, since a branch ends the run")
    if may_hold_back(step["branches"]):
        return _("stop for a person, since a branch waits")
    if any(moves_or_destroys(branch["steps"]) for branch in step["branches"][1:]):
        return _("stop for a person, since a later branch moves money or destroys something")
    if any(is_grave(branch["steps"]) for branch in step["branches"][1:]):
        return _("stop for a person, since a later branch writes to customers")
    return _("stop for a person, since “All other cases” acts as well")


def acts_as_words(step: dict[str, Any], action: Action | None, account: str) -> str:
    """Whose account a step of a run works in: "as the platform", "as acct_…"; "" where that is obvious."""
    if action is None or not action.uses_account:
        return ""
    if step.get("acts_as") == ActsAs.PLATFORM:
        return _("as the platform")
    return _("as %s") % account if account else ""


def template_parts(template: str, known: Known) -> Iterator[Part]:
    """A text with its references replaced by labels; as it stands if it cannot be read."""
    try:
        parsed = parse(template)
    except TemplateError:
        yield Part(template)
        return
    for part in parsed.parts:
        yield _reference_part(part, known) if isinstance(part, Reference) else Part(part)


def _reference_part(reference: Reference, known: Known) -> Part:
    path = format_path(reference.path)
    phrases = _phrases(reference, known) if reference.filters else ()
    return Part(", ".join([known.named(path), *phrases]), path)


def _phrases(reference: Reference, known: Known) -> Iterator[str]:
    """What the reference's filters do. That an amount is shown as money goes without saying."""
    found = known.find(format_path(reference.path))
    of_money = found is not None and found.type == "money"
    said = (filter_words(call, known.named, of_money=of_money) for call in reference.filters)
    return filter(None, said)


def _input_parts(field: InputField, value: Any, known: Known) -> Iterator[Part]:
    if key := next(field.step_keys(value), ""):
        yield Part(field.step_words(known.named(f"steps.{key}")), f"steps.{key}")
    elif isinstance(value, str):
        yield from template_parts(_choice_label(field, value), known)
    elif isinstance(value, bool):
        yield Part(_("Yes") if value else _("No"))
    elif isinstance(value, dict):
        yield Part(_amount(value))
    elif isinstance(value, list):
        yield from _list_parts(field, value, known)
    else:
        yield Part(str(value))


def _list_parts(field: InputField, value: list[Any], known: Known) -> Iterator[Part]:
    for number, item in enumerate(value):
        if number:
            yield Part(", ")
        if not isinstance(item, dict) or "value" not in item:
            as_json = json.dumps(item, ensure_ascii=False)
            yield Part(_choice_label(field, item) if isinstance(item, str) else as_json)
            continue
        name = next((item[key] for key in ("label", "key", "name") if key in item), "")
        yield Part(f"{name}: ")
        yield from template_parts(str(item.get("value", "")), known)


def _choice_label(field: InputField, value: str) -> str:
    return str(dict(getattr(field, "choices", ())).get(value, value))


def _amount(value: dict[str, Any]) -> str:
    amount, currency = value.get("amount"), value.get("currency")
    if isinstance(amount, int) and isinstance(currency, str):
        return money.format_minor(amount, currency)
    return json.dumps(value, ensure_ascii=False)


def _merged(parts: Iterator[Part]) -> Iterator[Part]:
    """The parts, cut off once together they are longer than a card has room for."""
    room = _LONGEST
    for part in parts:
        if room == 0:
            yield Part("…")
            return
        text = _in_one_line(part.text)
        yield Part(shortened(text, room), part.path)
        if (room := room - len(text)) < 0:
            # What was shortened ends with “…” already.
            return


def _short(text: str) -> str:
    return shortened(_in_one_line(text), _LONGEST)


def _in_one_line(text: str) -> str:
    return " ".join(text.split()) if "\n" in text else text
