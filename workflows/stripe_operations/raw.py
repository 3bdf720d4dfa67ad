"""*Raw Stripe request*: any address of version 1 of the API, within the same marks and limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions import at_most, stripe_client
from stripeflow.actions.at_most import AT_MOST
from stripeflow.actions.base import Action, OutputField, Outputs
from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import PermanentError
from stripeflow.actions.inputs import ChoiceInput, MoneyInput
from stripeflow.actions.problems import Problem
from stripeflow.actions.repeat import Repeat
from stripeflow.actions.wording import worded
from stripeflow.workflows import conf
from stripeflow.workflows.stripe_operations import counting, raw_parameters
from stripeflow.workflows.stripe_operations.action import off_reason, repeat_of_verb, without_secrets
from stripeflow.workflows.stripe_operations.amounts import COUNTED
from stripeflow.workflows.stripe_operations.marks import READS, Marks, marks_of
from stripeflow.workflows.stripe_operations.raw_parameters import ParametersInput
from stripeflow.workflows.stripe_operations.raw_path import Matched, PathInput, match, sent, with_any_ids
from stripeflow.workflows.stripe_operations.wording import label_of

# What nobody has reviewed: it may do anything.
_ANYTHING = Marks(moves_money=True, destructive=True, changes_customers=True)
# Actions with rules of their own: by an address, these could be passed by.
_OF_THEIR_OWN = frozenset({"stripe.refunds.create"})


class RawRequest(Action):
    """What it does depends on its inputs: see `for_inputs`. Without them it may do anything."""

    key = "stripe.raw"
    label = gettext_lazy("Raw Stripe request")
    description = gettext_lazy(
        "Any address of Stripe's API below /v1/, for what has no action of its own. The same key, limits and "
        "permissions apply."
    )
    category = gettext_lazy("Stripe API")
    icon = "action"
    repeat = Repeat.ASK
    uses_account = True
    moves_money = True
    destructive = True
    changes_customers = True
    inputs: ClassVar = (
        ChoiceInput(
            "method",
            label=gettext_lazy("Method"),
            required=True,
            default="get",
            choices=(("get", "GET"), ("post", "POST"), ("delete", "DELETE")),
        ),
        PathInput(
            "path",
            label=gettext_lazy("Path"),
            required=True,
            help_text=gettext_lazy(
                "Such as /v1/invoices. A reference is a whole part of it: /v1/invoices/ID/lines with a "
                "reference in place of ID."
            ),
        ),
        ParametersInput(
            "parameters",
            label=gettext_lazy("Parameters"),
            help_text=gettext_lazy("Named as Stripe does: limit, metadata[key], items[0][price]."),
        ),
        AT_MOST,
        MoneyInput(
            "amount",
            label=gettext_lazy("Amount that it moves"),
            advanced=True,
            minimum=0,
            help_text=gettext_lazy(
                "Only where the installed SDK does not know the address or a parameter: the daily limits "
                "count "
                "it before the call."
            ),
        ),
    )
    outputs = Outputs(
        fields=(
            OutputField("id", gettext_lazy("ID"), "string"),
            OutputField("object", gettext_lazy("Object"), "string"),
            OutputField("answer", gettext_lazy("Whole answer"), "object"),
        )
    )

    def for_inputs(self, inputs: Mapping[str, Any]) -> Action:
        verb, path = inputs.get("method"), inputs.get("path")
        if verb not in ("get", "post", "delete") or not isinstance(path, str):
            return self
        rows = inputs.get("parameters")
        names = tuple(row["name"] for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
        return _made(verb, _marks(verb, match(verb, path), names))

    def check_together(self, inputs: Mapping[str, Any]) -> list[Problem]:
        return [Problem(*one) for one in self._faults(inputs)]

    def check_current(self, inputs: Mapping[str, Any]) -> list[Problem]:
        off = self._off(inputs)
        return [*([Problem("path", "operation_off", off)] if off else []), *super().check_current(inputs)]

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        fault = self._off(inputs) or next((message for _name, _code, message in self._faults(inputs)), "")
        if fault:
            raise PermanentError(worded(fault), code="operation_off")
        verb, path = inputs["method"], inputs["path"]
        parameters = raw_parameters.sent(inputs["parameters"])
        self._count(inputs, parameters, context)
        answer = stripe_client.raw(context, verb, sent(path), parameters)
        shown = without_secrets(answer)
        return {"id": shown.get("id"), "object": shown.get("object"), "answer": shown}

    def moves(self, inputs: Mapping[str, Any]) -> tuple[int, str] | None:
        given = inputs.get("amount")
        if isinstance(given, dict):
            return given["amount"], given["currency"]
        found = match(inputs["method"], inputs["path"])
        counted = COUNTED.get(found.operation.key) if found else None
        parameters = _typed(raw_parameters.sent(inputs["parameters"]))
        amount, currency = parameters.get(counted.input) if counted else None, parameters.get("currency")
        return (abs(amount), currency) if isinstance(amount, int) and isinstance(currency, str) else None

    def _count(
        self, inputs: Mapping[str, Any], parameters: Mapping[str, Any], context: ActionContext
    ) -> None:
        """Take the amount from the limits: what is known of the operation, or what the step says."""
        found = match(inputs["method"], inputs["path"])
        if inputs["method"] == "get":
            context.waive()
        elif found and not _unknown(found, inputs["parameters"]):
            own = {AT_MOST.name: inputs[AT_MOST.name]}
            counting.count(found.operation, found.ids, _typed(parameters), own, context)
        else:
            self._count_said(inputs["amount"], inputs, context)

    def _count_said(self, said: Mapping[str, Any], inputs: Mapping[str, Any], context: ActionContext) -> None:
        if not said["amount"]:
            context.waive()
            return
        at_most.check(inputs, amount=said["amount"], currency=said["currency"])
        context.reserve(amount=said["amount"], currency=said["currency"])

    def _off(self, inputs: Mapping[str, Any]) -> str:
        """Why the address cannot be used here, as a sentence; "" if it can."""
        verb, path = inputs.get("method"), inputs.get("path")
        if not isinstance(verb, str) or not isinstance(path, str):
            return ""
        found = match(verb, path)
        if found and found.operation.key in _OF_THEIR_OWN:
            message = _(
                "A raw request cannot refund. Use the action “Create a refund”, which checks what is left."
            )
            return worded(message)
        if found and (why := off_reason(found.operation)):
            message = _("“%(label)s” cannot be used here. %(why)s")
            return worded(message, names={"label": label_of(found.operation), "why": why})
        rows = inputs.get("parameters") or []
        is_unknown = verb != "get" and (found is None or bool(_unknown(found, rows)))
        if is_unknown and _allowed_as(verb, path, found) not in conf.get("STRIPE_RAW_REQUESTS"):
            return self._unknown_sentence(verb, path, found, rows)
        return ""

    def _unknown_sentence(
        self, verb: str, path: str, found: Matched | None, rows: list[Mapping[str, str]]
    ) -> str:
        named = {"allowed": _allowed_as(verb, path, found)}
        if found is None:
            message = _(
                "The installed SDK does not know this address, so nobody can say what it moves. It is off "
                "unless the setting STRIPE_RAW_REQUESTS names “%(allowed)s”."
            )
            return worded(message, names=named)
        message = _(
            "The installed SDK does not know the parameter “%(name)s” here, so nobody can say what it "
            "moves. It "
            "is off unless the setting STRIPE_RAW_REQUESTS names “%(allowed)s”."
        )
        return worded(message, names={**named, "name": _unknown(found, rows)[0]})

    def _faults(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """What is wrong with several inputs together: the name of one, a code and a sentence."""
        verb, path, rows = inputs.get("method"), inputs.get("path"), inputs.get("parameters") or []
        if not isinstance(verb, str) or not isinstance(path, str) or not isinstance(rows, list):
            return
        rows = [row for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)]
        found = match(verb, path)
        if found:
            yield from _parameter_faults(found, rows)
        is_unknown = verb != "get" and (found is None or bool(_unknown(found, rows)))
        said = inputs.get("amount")
        if is_unknown and not isinstance(said, dict):
            message = _("Say how much it moves, with its currency, since nobody else knows. 0 is nothing.")
            yield "amount", "required", worded(message)


def _parameter_faults(found: Matched, rows: list[Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    """The parameters that its operation does not offer, or that the limits could not read."""
    for row in rows:
        if raw_parameters.is_spelled_oddly(found.operation, row["name"]):
            message = _("Write “%(name)s” without brackets: the daily limits count it.")
            yield (
                "parameters",
                "spelling",
                worded(message, names={"name": raw_parameters.path_of(row["name"])}),
            )
        elif raw_parameters.withheld(found.operation, row["name"]):
            message = _(
                "“%(name)s” cannot be sent here: it could move money that no limit counts, or show secrets."
            )
            yield "parameters", "withheld", worded(message, names={"name": row["name"]})
        elif raw_parameters.turned_on(found.operation, row):
            message = _(
                "“%(name)s” can only be false here: Stripe would charge later, and no limit could count that."
            )
            yield "parameters", "only_off", worded(message, names={"name": row["name"]})


def _marks(verb: str, found: Matched | None, names: tuple[str, ...]) -> Marks:
    if found is None:
        return _ANYTHING
    own = marks_of(found.operation)
    is_known = verb == "get" or all(raw_parameters.is_known(found.operation, name) for name in names)
    return own if is_known else _ANYTHING


@cache
def _made(verb: str, marks: Marks) -> Action:
    """The action for requests with these marks."""
    variant: Any = type(
        "RawRequest",
        (RawRequest,),
        {
            "__doc__": RawRequest.__doc__,
            "repeat": repeat_of_verb(verb),
            "moves_money": marks.moves_money,
            "destructive": marks.destructive,
            "changes_customers": marks.changes_customers,
            "sent_inputs": frozenset() if marks == READS else None,
        },
    )
    return variant()


def _unknown(found: Matched, rows: list[Mapping[str, str]]) -> list[str]:
    return [row["name"] for row in rows if not raw_parameters.is_known(found.operation, row["name"])]


def _allowed_as(verb: str, path: str, found: Matched | None) -> str:
    """How the setting names the address: "POST /v1/invoices/{id}/pay"."""
    return f"{verb.upper()} {general(path) if found is None else general(found.operation.path)}"


def general(path: str) -> str:
    """An address with {id} for each of its ids that is marked as one."""
    parts = with_any_ids(path.strip()).split("/")
    return "/".join("{id}" if part.startswith("{") else part for part in parts)


def _typed(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as the limits read them: whole numbers, and false."""
    return {name: _value(text) for name, text in parameters.items()}


def _value(text: str) -> Any:
    if text == "false":
        return False
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 16 else text
