"""What the check lets through runs, or fails for a value of that event: never for what it could have seen."""

import re
from unittest.mock import patch

from django.utils import timezone
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stripeflow.actions import registry
from stripeflow.actions.base import Action, Outputs, Repeat
from stripeflow.actions.inputs import (
    BooleanInput,
    IdInput,
    IntegerInput,
    LabelledValuesInput,
    MetadataInput,
    MoneyInput,
    StringInput,
    TextInput,
)
from stripeflow.triggers import catalogue
from stripeflow.triggers.catalogue import FieldType
from stripeflow.triggers.recent import Recent
from stripeflow.workflows.conditions import OPERATORS
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.references import (
    FILTERS,
    FilterCall,
    PathArgument,
    Reference,
    format_path,
    parse_path,
)
from stripeflow.workflows.references.filters import check_call
from stripeflow.workflows.rehearsal.walking import Given, rehearse
from tests.workflows.documents import action, compare, document, group

EVENTS = tuple(one.key for one in catalogue.event_types() if one.object)


class EveryInput(Action):
    """One input of each kind that takes references."""

    key, label, category = "test.every_input", "Every input", "Tests"
    repeat = Repeat.SAFE
    moves_money = False
    destructive = False
    changes_customers = False
    inputs = (
        StringInput("line", label="Line", max_length=255, shortens=True),
        TextInput("text", label="Text"),
        StringInput("email", label="E-mail", format="email"),
        IdInput("id", label="ID", of="charge"),
        IntegerInput("number", label="Number"),
        BooleanInput("flag", label="Flag"),
        MoneyInput("amount", label="Amount"),
        MetadataInput("metadata", label="Metadata"),
        LabelledValuesInput("rows", label="Rows"),
    )
    outputs = Outputs(object="charge")

    def run(self, inputs, context):
        return {}


# How a text is put into each input.
AS_INPUT = {
    "line": str,
    "text": str,
    "email": str,
    "id": str,
    "number": str,
    "flag": str,
    "amount": str,
    "metadata": lambda text: [{"key": "a", "value": text}],
    "rows": lambda text: [{"label": "a", "value": text}],
}

CURRENCIES = ("usd", "jpy", "bhd", "EUR")
CODES = st.sampled_from(CURRENCIES) | st.none() | st.text(max_size=4)
VALUES = {
    FieldType.STRING: st.text(max_size=6) | st.sampled_from(["1200", "2025-01-31", "ann@example.com", "usd"]),
    FieldType.ENUM: st.sampled_from(["paid", "a_value_of_tomorrow"]),
    FieldType.ID: st.sampled_from(["ch_1", "cus_1", "has spaces"]),
    FieldType.INTEGER: st.integers(-(10**18), 10**18),
    FieldType.MONEY: st.integers(-(10**16), 10**16),
    FieldType.TIMESTAMP: st.integers(-(10**12), 10**12),
    FieldType.DECIMAL: st.sampled_from(["12.5", "0", 7]) | st.floats(allow_nan=False, allow_infinity=False),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.METADATA: st.dictionaries(st.sampled_from(["a", "b"]), st.text(max_size=4), max_size=2),
    FieldType.OBJECT: st.builds(dict),
    FieldType.LIST: st.builds(list),
    FieldType.ANY: st.sampled_from([None, True, 5, "a"]) | st.builds(list) | st.builds(dict),
}


@st.composite
def known_fields(draw, event_type, depth=4):
    """A field that the event's object may have, with its path."""
    name = catalogue.any_event_type(event_type).object
    found, path = None, ""
    for _level in range(draw(st.integers(1, depth))):
        below = catalogue.children(name, path)
        if not below:
            break
        found = draw(st.sampled_from(below))
        path = found.path.replace("*", draw(st.sampled_from(["0", "1"])))
    return catalogue.field(name, path)


def value_of(draw, found):
    if found.type is FieldType.LIST and found.item is not None:
        return draw(st.lists(VALUES[found.item.type], max_size=2))
    if found.name == "currency":
        return draw(CODES)
    return draw(VALUES[found.type])


def put(target, parts, value):
    """Set a value at a path, making the objects and lists on the way."""
    for part, following in zip(parts, (*parts[1:], None), strict=True):
        last = following is None
        fresh = value if last else ([] if isinstance(following, int) else {})
        if isinstance(part, int):
            while len(target) <= part:
                target.append({})
            kept = target[part]
        else:
            kept = target.get(part)
        if last or not isinstance(kept, type(fresh)):
            target[part] = kept = fresh
        target = kept


def drop(target, parts):
    """Take away what is at a path."""
    for part in parts[:-1]:
        try:
            target = target[part]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(target, dict):
        target.pop(parts[-1], None)


@st.composite
def objects(draw, event_type, paths):
    """An object of the event: a sample with typed values at `paths`, nulls, gaps and foreign currencies."""
    name = catalogue.any_event_type(event_type).object
    made = catalogue.sample(name)
    if "currency" in made:
        made["currency"] = draw(CODES)
    for path in paths:
        found, parts = catalogue.field(name, path), parse_path(path)
        fate = draw(st.sampled_from(["there", "there", "there", "null", "gone"]))
        if fate == "gone":
            drop(made, parts)
        elif fate == "there" or found.nullable:
            put(made, parts, value_of(draw, found) if fate == "there" else None)
    return made


@st.composite
def references(draw, event_type, fields):
    root = draw(st.sampled_from(["trigger", "trigger", "trigger", "event.data.previous_attributes"]))
    paths = [parse_path(f"{root}.{one.path}") for one in fields]
    arguments = st.sampled_from(["usd", "%Y", "UTC", "-", "id", "amount.value", 5, 0]) | st.builds(
        PathArgument, st.sampled_from(paths)
    )
    calls = st.builds(FilterCall, st.sampled_from(list(FILTERS)), st.lists(arguments, max_size=2).map(tuple))
    fitting = calls.filter(lambda call: not check_call(call))
    return Reference(draw(st.sampled_from(paths)), tuple(draw(st.lists(fitting, max_size=3))))


@st.composite
def workflows(draw):
    """A document, a payload of its event, and whether the catalogue knows the type of all that it names."""
    event_type = draw(st.sampled_from(EVENTS))
    fields = [draw(known_fields(event_type)) for _number in range(draw(st.integers(1, 3)))]
    template = f"{{{{ {draw(references(event_type, fields))} }}}}"
    text = draw(st.sampled_from([template, template, f" {template} ", f"a {template}", template * 2]))
    name = draw(st.sampled_from(list(AS_INPUT)))
    steps = [action("one", EveryInput.key, **{name: AS_INPUT[name](text)})]
    condition = draw(conditions(fields)) if draw(st.booleans()) else None
    made = document(*steps, event_type=event_type, conditions=group(*([condition] if condition else [])))
    held = draw(objects(event_type, [one.path for one in fields]))
    earlier = draw(objects(event_type, [one.path for one in fields]))
    known = not any({one.type, one.item and one.item.type} & VAGUE for one in fields)
    return made, {"type": event_type, "data": {"object": held, "previous_attributes": earlier}}, known


@st.composite
def conditions(draw, fields):
    found = draw(st.sampled_from(fields))
    fitting = [key for key, one in OPERATORS.items() if str(found.type) in one.types]
    value = draw(
        st.sampled_from([None, "usd", "a", 5, True, ["a"], [1, 2], {"amount": 5, "currency": "usd"}])
    )
    return compare(f"trigger.{format_path(parse_path(found.path))}", draw(st.sampled_from(fitting)), value)


# Sentences on a value's type, which the catalogue told the check.
OF_TYPE = re.compile(
    r"The filter “\w+” needs|has no meaning for|must be a whole number|must be yes or no"
    r"|got a list or an object|has to be a text|has to be a whole number|holds objects or lists"
)
# Of these the catalogue says only that they may be of several types.
VAGUE = {FieldType.ANY, FieldType.DECIMAL}


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(workflows())
def test_what_is_activated_runs_or_fails_for_a_value_of_the_event(workflow):
    made, payload, known = workflow
    with (
        registry.temporarily(EveryInput),
        patch("stripeflow.triggers.types.stripe_event.recent", lambda topics: Recent()),
    ):
        checked = validate(made)
        assume(not checked.problems.errors)
        found = rehearse(build(made, checked.types), Given(payload), now=timezone.now(), anyway=True)
    for step in found.steps:
        for fault in step.faults:
            assert not (known and OF_TYPE.search(fault.message)), (fault, made["steps"], payload)
            assert fault.message.endswith(".")
