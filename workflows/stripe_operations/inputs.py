"""The parameters of an operation as inputs of an action, and their values as parameters again.

Objects are walked into: a parameter inside one is an input with a dotted name ("shipping.name").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.at_most import AT_MOST
from stripeflow.actions.context import RESERVED_METADATA_KEYS
from stripeflow.actions.inputs import (
    BooleanInput,
    ChoiceInput,
    IdInput,
    InputField,
    IntegerInput,
    JsonInput,
    MetadataInput,
    MomentInput,
    MoneyInput,
    NumberInput,
    RecordsInput,
    SeveralInput,
    StringInput,
    TextInput,
    TextsInput,
)
from stripeflow.triggers.catalogue import docstrings, ids, labels, money, times
from stripeflow.workflows.stripe_operations.amounts import COUNTED
from stripeflow.workflows.stripe_operations.marks import WITHHELD
from stripeflow.workflows.stripe_operations.operations import Operation, find
from stripeflow.workflows.stripe_operations.paging import MOST, is_paged
from stripeflow.workflows.stripe_operations.parameters import Kind, Parameter, cleared, leaves, parameters
from stripeflow.workflows.stripe_operations.shown_first import first_of

# The input that says which fields are to be emptied. (No parameter of Stripe's is called so.)
CLEAR = "clear_fields"
_PARAGRAPHS = frozenset({"custom_text", "description", "footer", "instructions", "memo", "message", "note"})
_HELP_LENGTH = 200
# So many fields of an object in a list are shown without asking.
SHOWN_IN_RECORD = 6


@dataclass(frozen=True)
class Inputs:
    """The inputs of an operation, with what is needed to send them.

    `ids` are the names of those that stand in the path, in its order; `paths` those of the parameters.
    `currencies` are the parameters that are required, and may come with a typed amount.
    """

    fields: tuple[InputField, ...]
    ids: tuple[str, ...]
    paths: tuple[str, ...]
    currencies: frozenset[str] = frozenset()

    def path_ids(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The ids in the path of the request."""
        return tuple(values[name] for name in self.ids)

    def parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What is sent for cleaned inputs: objects nested again; what is empty is not sent."""
        sent: dict[str, Any] = {}
        for path in values.get(CLEAR) or ():
            _put(sent, path, "")
        for one in self.fields:
            value = values.get(one.name)
            if one.name in self.paths and not one.is_empty(value):
                _put(sent, one.name, _sent(one, value))
        for one in self.fields:
            # A typed amount brings its currency along.
            if isinstance(one, MoneyInput) and one.currency_input and (code := one.currency_of(values)):
                _put(sent, one.currency_input, code)
        return sent


def inputs_of(operation: Operation) -> Inputs:
    """The inputs of an operation: its ids, and its parameters, those needed first before the others."""
    found = parameters(*operation.params) if operation.params else ()
    found = _offered(found, WITHHELD.get(operation.key, frozenset()))
    own = tuple(leaves(found))
    paths = tuple(path for path, _one in own)
    required = frozenset(_required(found))
    first = first_of(operation.key, paths, required)
    declared = {
        path: _field(operation, path, one, required=path in required, first=path in first, paths=paths)
        for path, one in own
    }
    in_path = _path_ids(operation, paths)
    order = (*first, *(path for path in paths if path not in first))
    # A limit of the step's own stands behind what people look at first.
    own_limit: tuple[InputField, ...] = (AT_MOST,) if operation.key in COUNTED else ()
    if is_paged(operation, paths):
        own_limit = (MOST,)
    amounts = (one for one in declared.values() if isinstance(one, MoneyInput))
    brought = {one.currency_input for one in amounts if one.currency_input}
    for path in brought:
        declared[path] = _brought(declared[path])
    emptied = _clearable(found)
    return Inputs(
        (
            *in_path,
            *(declared[path] for path in order[: len(first)]),
            *own_limit,
            *(declared[path] for path in order[len(first) :]),
            *emptied,
        ),
        tuple(one.name for one in in_path),
        paths,
        frozenset(path for path in brought if path in required),
    )


def _offered(
    found: tuple[Parameter, ...], withheld: frozenset[str], above: str = ""
) -> tuple[Parameter, ...]:
    """The parameters without those that are withheld, also inside objects."""
    if not withheld:
        return found
    paths = ((f"{above}.{one.name}" if above else one.name, one) for one in found)
    return tuple(
        replace(one, shape=replace(one.shape, fields=_offered(one.shape.fields, withheld, path)))
        for path, one in paths
        if path not in withheld
    )


def _brought(currency: InputField) -> InputField:
    """The currency of an amount, which a typed amount brings along."""
    help_text = _("Only where the amount is a reference: a typed amount has its own currency.")
    return replace(currency, required=False, advanced=True, help_text=help_text)


def object_of(resource: str) -> str:
    """The object that a resource is about ("invoices" gives "invoice"); "" if none is known."""
    for method in ("retrieve", "create", "list"):
        if (found := find(f"stripe.{resource}.{method}")) is not None and found.gives:
            return found.gives
    return ""


def _required(found: tuple[Parameter, ...], above: str = "") -> Iterator[str]:
    """The paths that have to be given: required, in objects that all are."""
    for one in found:
        path = f"{above}.{one.name}" if above else one.name
        if one.required:
            yield path
            yield from _required(one.shape.fields, path)


def _path_ids(operation: Operation, paths: tuple[str, ...]) -> tuple[IdInput, ...]:
    """The ids in the path, each named after its object where that is known: "subscription", not "id"."""
    objects = [_object_at(operation, index) for index in range(len(operation.ids))]
    taken = {*paths, CLEAR}
    found = []
    for name, of in zip(operation.ids, objects, strict=True):
        short = of.rpartition(".")[2] if of and objects.count(of) == 1 else name
        own = f"{short}_id" if short in taken else short
        taken.add(own)
        label = labels.id_label(short)
        found.append(IdInput(own, label=label, required=True, of=of))
    return tuple(found)


def _object_at(operation: Operation, index: int) -> str:
    """The object whose id stands at a place of the path; "" if that is not known."""
    is_last = index == len(operation.ids) - 1
    owners = operation.resource.split(".")
    resource = (
        operation.resource if is_last and _ends_in_own_id(operation) else ".".join(owners[:-1] or owners)
    )
    return object_of(resource) or next(
        iter(ids.id_of(operation.ids[index], doc="", nested=False, owner="") or ()), ""
    )


def _ends_in_own_id(operation: Operation) -> bool:
    """Whether the last id in the path is that of the operation's own resource: not
    "/customers/{id}/sources".
    """
    last = operation.path.rsplit("{", 1)[-1].partition("}")[2].strip("/")
    is_collection = operation.method in ("list", "create", "find")
    return not last or not (is_collection or last == operation.resource.rpartition(".")[2])


def _field(
    operation: Operation, path: str, one: Parameter, *, required: bool, first: bool, paths: tuple[str, ...]
) -> InputField:
    """The input of one parameter."""
    common: dict[str, Any] = {
        "label": _label(path),
        "help_text": _help(one.doc) if one.doc else "",
        "required": required,
        "advanced": not first,
    }
    shape = one.shape
    if shape.kind is Kind.TEXT:
        return _text(operation, path, one, common)
    if shape.kind is Kind.INTEGER:
        return _integer(operation, path, one, common, paths)
    if shape.kind is Kind.NUMBER:
        return NumberInput(path, words=shape.values, **common)
    if shape.kind is Kind.BOOLEAN:
        return BooleanInput(path, **common)
    if shape.kind is Kind.CHOICE:
        return ChoiceInput(path, choices=_choices(shape.values), **common)
    if shape.kind is Kind.MAP and shape.item is not None and shape.item.kind is Kind.TEXT:
        rows = 50 - len(RESERVED_METADATA_KEYS) if path == "metadata" else 50
        return MetadataInput(path, max_rows=rows, **common)
    if shape.kind is Kind.LIST and shape.item is not None:
        if shape.item.kind is Kind.CHOICE and not shape.item.open:
            return SeveralInput(path, choices=_choices(shape.item.values), **common)
        if shape.item.kind in (Kind.TEXT, Kind.CHOICE, Kind.INTEGER):
            return TextsInput(path, **common)
        if shape.item.kind is Kind.OBJECT:
            return RecordsInput(path, fields=_of_record(operation, shape.item.fields), **common)
    return JsonInput(path, **common)


def _of_record(operation: Operation, found: tuple[Parameter, ...]) -> tuple[InputField, ...]:
    """The inputs of the objects in a list. What is a list or a map in them is typed as JSON."""
    required = frozenset(_required(found))
    # What stands at the top says more than what lies inside another object.
    own = sorted(leaves(found), key=lambda leaf: (leaf[0] not in required, leaf[0].count(".")))
    many = len(own) > SHOWN_IN_RECORD
    fields = []
    for number, (path, one) in enumerate(own):
        first = not many or path in required or number < SHOWN_IN_RECORD
        declared = _field(operation, path, one, required=path in required, first=first, paths=())
        if isinstance(declared, RecordsInput | MetadataInput | SeveralInput):
            common: dict[str, Any] = {
                "label": declared.label,
                "help_text": declared.help_text,
                "advanced": not first,
            }
            declared = JsonInput(path, required=declared.required, **common)
        fields.append(declared)
    return tuple(fields)


def _text(operation: Operation, path: str, one: Parameter, common: Mapping[str, Any]) -> InputField:
    name, nested = one.name, "." in path
    of = None if name == "id" else ids.id_of(name, doc=one.doc, nested=nested, owner=operation.gives)
    if of:
        return IdInput(path, of=of[0], **{**common, "label": _label(path, id_of=True)})
    if name in _PARAGRAPHS:
        return TextInput(path, max_length=5000, **common)
    if name == "currency" or name.endswith("_currency"):
        return StringInput(path, max_length=3, **common)
    is_email = name == "email" or name.endswith("_email")
    return StringInput(path, max_length=5000, format="email" if is_email else None, **common)


def _integer(
    operation: Operation, path: str, one: Parameter, common: Mapping[str, Any], paths: tuple[str, ...]
) -> InputField:
    if times.is_time(one.name, doc=one.doc) or _is_bound_of_time(path):
        return MomentInput(path, words=one.shape.values, **common)
    if one.shape.values:
        return NumberInput(path, words=one.shape.values, **common)
    if not money.looks_like_money(tuple(path.split(".")), doc=one.doc):
        return IntegerInput(path, **common)
    counted = COUNTED.get(operation.key)
    currency = _currency_beside(path, paths)
    if currency or (counted and counted.reads and counted.input == path):
        smallest = -(10**12) if operation.key == "stripe.customers.balance_transactions.create" else 1
        return MoneyInput(path, currency_input=currency, minimum=smallest, **common)
    # Whose currency it is, only Stripe knows: so nobody can type it in major units.
    units = _("In the smallest unit of the currency: 1000 is $10.00, and ¥1,000.")
    return IntegerInput(path, **{**common, "help_text": units})


def _currency_beside(path: str, paths: tuple[str, ...]) -> str | None:
    """The parameter that says an amount's currency: beside it, or above."""
    parts = path.split(".")[:-1]
    for depth in range(len(parts), -1, -1):
        if (found := ".".join([*parts[:depth], "currency"])) in paths:
            return found
    return None


def _is_bound_of_time(path: str) -> bool:
    """Whether it is a bound of a span of time, as in "created.gte"."""
    above, _dot, name = path.rpartition(".")
    return name in ("gt", "gte", "lt", "lte") and times.is_time(above.rpartition(".")[2], doc="")


def _clearable(found: tuple[Parameter, ...]) -> tuple[InputField, ...]:
    choices = tuple((path, _label(path)) for path in cleared(found) if path != "metadata")
    if not choices:
        return ()
    return (
        SeveralInput(
            CLEAR,
            label=_("Clear these fields"),
            help_text=_("Empties them in Stripe. A field that is left empty above stays as it is."),
            choices=choices,
            advanced=True,
        ),
    )


def _choices(values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((value, labels.humanize(value) if value.islower() else value) for value in values)


def _label(path: str, *, id_of: bool = False) -> str:
    """ "shipping.name" gives "Shipping › Name"."""
    parts = path.split(".")
    words = [labels.humanize(part) for part in parts]
    if id_of:
        words[-1] = labels.id_label(parts[-1])
    return " › ".join(words)


def _first_sentence(doc: str) -> str:
    """The first sentence of a docstring, in plain text."""
    text = docstrings.clean(doc)
    first, stop, _rest = text.partition(". ")
    sentence = f"{first}." if stop else first
    return sentence if len(sentence) <= _HELP_LENGTH else f"{sentence[: _HELP_LENGTH - 1].rstrip()}…"


# Few of the many texts are ever shown.
_help = lazy(_first_sentence, str)


def _sent(one: InputField, value: Any) -> Any:
    if isinstance(one, RecordsInput):
        return [_nested(one, row) for row in value]
    if isinstance(one, MetadataInput):
        return {row["key"]: row["value"] for row in value}
    return value["amount"] if isinstance(one, MoneyInput) and isinstance(value, dict) else value


def _nested(records: RecordsInput, row: Mapping[str, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for one in records.fields:
        if not one.is_empty(value := row.get(one.name)):
            _put(sent, one.name, _sent(one, value))
    return sent


def _put(target: dict[str, Any], path: str, value: Any) -> None:
    *above, name = path.split(".")
    for part in above:
        inner = target.get(part)
        target[part] = target = inner if isinstance(inner, dict) else {}
    target[name] = value
