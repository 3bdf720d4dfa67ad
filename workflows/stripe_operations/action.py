"""One operation of the SDK as an action: makes the call, counts its money, and finds what it has created."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial, reduce
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stripe import StripeClient, StripeObject

from stripeflow.actions import conf as actions_conf
from stripeflow.actions import stripe_client
from stripeflow.actions.base import Action, OutputField, Outputs
from stripeflow.actions.context import ActionContext
from stripeflow.actions.errors import InvalidInput, PermanentError
from stripeflow.actions.inputs import MoneyInput
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.look_up import LookedUp, Unclear
from stripeflow.actions.problems import Problem
from stripeflow.actions.repeat import Repeat
from stripeflow.actions.wording import HIDDEN, Text, worded
from stripeflow.triggers.catalogue.shapes import LIST_OF
from stripeflow.workflows.stripe_operations import counting, found_again, paging, switched_off
from stripeflow.workflows.stripe_operations.amounts import COUNTED
from stripeflow.workflows.stripe_operations.curated import CURATED, ICONS
from stripeflow.workflows.stripe_operations.inputs import CLEAR, Inputs, inputs_of
from stripeflow.workflows.stripe_operations.marks import ONLY_OFF, marks_of
from stripeflow.workflows.stripe_operations.operations import Operation
from stripeflow.workflows.stripe_operations.paging import MOST
from stripeflow.workflows.stripe_operations.wording import category_of, description_of, label_of

# What opens something is in no output: outputs are stored, shown, and sent on.
_SECRETS = frozenset({"client_secret", "secret"})

_OFF: dict[str, Text] = {
    "secret": gettext_lazy(
        "Its answer opens something, such as a log-in link or a key, and a run keeps what its steps "
        "answer. It is off unless the setting STRIPE_ACTIONS_WITH_SECRETS names it."
    ),
    "uncounted": gettext_lazy(
        "It may move money, and the amount is not known before the call, so no daily limit could count it. "
        "It is off."
    ),
}


class OperationAction(Action):
    """The base of all: a class for each operation is made by `action_of`."""

    operation: ClassVar[Operation]
    asked: ClassVar[Inputs]
    uses_account = True

    @property
    def off(self) -> str:
        """Why it cannot be used here, as a sentence; "" if it can."""
        return off_reason(self.operation)

    def check_current(self, inputs: Mapping[str, Any]) -> list[Problem]:
        own = [Problem("", "operation_off", self._off_sentence())] if self.off else []
        return [*own, *super().check_current(inputs)]

    def check_together(self, inputs: Mapping[str, Any]) -> list[Problem]:
        fault = self._both_fault(inputs)
        cleared = [Problem(CLEAR, "cleared", fault)] if fault else []
        faults = (
            *self._switch_faults(inputs),
            *self._currency_faults(inputs),
            *self._direction_faults(inputs),
        )
        return [*cleared, *(Problem(*one) for one in faults)]

    def clean(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        cleaned = super().clean(inputs)
        if fault := self._both_fault(cleaned):
            raise InvalidInput(CLEAR, fault)
        faults = (
            *self._switch_faults(cleaned),
            *self._currency_faults(cleaned),
            *self._direction_faults(cleaned),
        )
        for name, _code, message in faults:
            raise InvalidInput(name, message)
        return cleaned

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        if self.off:
            raise PermanentError(worded(self._off_sentence()), code="operation_off")
        parameters = self.parameters(inputs, context)
        ids = self.asked.path_ids(inputs)
        counting.count(self.operation, ids, parameters, inputs, context)
        if self.pages:
            return without_secrets(self._listed(ids, parameters, inputs.get(MOST.name), context))
        call = partial(self._call, ids, parameters, context)
        answer = stripe_client.call(context, call, writes=self.operation.writes)
        return without_secrets(answer)

    def _listed(
        self, ids: tuple[str, ...], parameters: dict[str, Any], most: int | None, context: ActionContext
    ) -> dict[str, Any]:
        """One page, or as many as hold `most` objects; with their number as `count`."""
        whole = actions_conf.get("STRIPE_TIMEOUT_SECONDS")

        def read(asked: dict[str, Any]) -> dict[str, Any]:
            # Several calls share the time, to stay within the run's lease.
            timeout = whole / 2 if most else None
            call = partial(self._call, ids, asked, context)
            return stripe_client.call(context, call, writes=False, timeout=timeout)

        page = paging.gather(read, parameters, most=most, seconds=whole) if most else read(parameters)
        return {**page, "count": len(page.get("data") or ())}

    def moves(self, inputs: Mapping[str, Any]) -> tuple[int, str] | None:
        counted = COUNTED.get(self.operation.key)
        if counted is None or not counted.input:
            return None
        given = inputs.get(counted.input)
        if isinstance(given, dict):
            return abs(given["amount"]), given["currency"]
        currency = inputs.get("currency")
        return (abs(given), currency) if isinstance(given, int) and isinstance(currency, str) else None

    def look_up(self, inputs: Mapping[str, Any], context: ActionContext) -> LookedUp:
        if self.off or not self.can_be_found:
            return Unclear()
        found = found_again.look_up(
            self.operation, self.asked.path_ids(inputs), self.parameters(inputs, context), context
        )
        return found_again.with_outputs(found, without_secrets)

    def next_page(self, inputs: Mapping[str, Any], *, after: str, most: int) -> dict[str, Any] | None:
        # What the step's own limit has ended does not go on elsewhere.
        ends = (paging.BACKWARDS, MOST.name)
        if not self.pages or not all(self.input(name).is_empty(inputs.get(name)) for name in ends):
            return None
        own = self.input(paging.SIZE).clean(inputs.get(paging.SIZE))
        return paging.behind(inputs, after=after, size=min(own or paging.LARGEST, most))

    @property
    def can_be_found(self) -> bool:
        """Whether what it creates carries our metadata, and can be listed."""
        return found_again.is_findable(self.operation, self.asked.paths)

    def parameters(self, inputs: Mapping[str, Any], context: ActionContext) -> dict[str, Any]:
        """What is sent for cleaned inputs; a new object gets the metadata by which it is found again."""
        sent = self.asked.parameters(inputs)
        if self.can_be_found:
            sent["metadata"] = {**(sent.get("metadata") or {}), **context.stripe_metadata}
        return sent

    def _call(
        self, ids: tuple[str, ...], parameters: dict[str, Any], context: ActionContext, client: StripeClient
    ) -> StripeObject:
        service = reduce(getattr, self.operation.resource.split("."), client.v1)
        is_keyed = self.operation.verb == "post"
        options = stripe_client.keyed(context) if is_keyed else {}
        method = getattr(service, self.operation.method)
        if self.operation.params is None:
            return method(*ids, options=options)
        return method(*ids, parameters, options)

    def _both_fault(self, inputs: Mapping[str, Any]) -> str:
        """What is wrong if a field is both filled in and to be cleared, as a sentence, or ""."""
        for path in inputs.get(CLEAR) or ():
            for one in self.inputs:
                is_it = one.name == path or one.name.startswith(f"{path}.")
                if is_it and not one.is_empty(inputs.get(one.name)):
                    message = _("“%(label)s” is filled in, and to be cleared as well. Choose one of them.")
                    return worded(message, names={"label": one.label})
        return ""

    def _switch_faults(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """A switch that may be turned off only, and is on: name of the input, code, and a sentence."""
        name = ONLY_OFF.get(self.operation.key, "")
        if name and inputs.get(name) is True:
            message = _(
                "“%(label)s” cannot be yes here: Stripe would charge later, and no daily limit could count "
                "that. Choose no, and use “Finalize an invoice” or “Collect an invoice now”."
            )
            yield name, "only_off", worded(message, names={"label": self.input(name).label})

    def _currency_faults(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """The amounts whose currency is not known, or is two: name of the input, code, and a sentence."""
        typed: set[str] = set()
        for one in self.inputs:
            value = inputs.get(one.name)
            if not isinstance(one, MoneyInput) or not one.currency_input or not isinstance(value, dict):
                continue
            typed.add(one.currency_input)
            given, own = inputs.get(one.currency_input), str(value.get("currency") or "")
            if isinstance(given, str) and given and "{{" not in given and given.lower() != own.lower():
                message = _("“%(label)s” is in %(own)s, and “%(other)s” says %(given)s.")
                names = {"label": one.label, "other": self.input(one.currency_input).label}
                said = worded(message, names=names, own=own.upper(), given=given.upper())
                yield one.currency_input, "currency_mismatch", said
        for name in sorted(self.asked.currencies - typed):
            if self.input(name).is_empty(inputs.get(name)):
                yield name, "required", self.input(name).required_message()

    def _direction_faults(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """A list that is read backwards has one page: name of the input, code, and a sentence."""
        if self.pages and inputs.get(MOST.name) and inputs.get(paging.BACKWARDS):
            message = _("“%(label)s” reads forwards, and “%(other)s” backwards. Leave one of them empty.")
            names = {"label": MOST.label, "other": self.input(paging.BACKWARDS).label}
            yield MOST.name, "both", worded(message, names=names)

    def _off_sentence(self) -> str:
        return _("“%(label)s” cannot be used here. %(why)s") % {"label": self.label, "why": self.off}


def action_of(operation: Operation) -> OperationAction:
    """The action of an operation. Raises ImproperlyConfigured if it is declared badly."""
    asked, marks = inputs_of(operation), marks_of(operation)
    made: Any = type(
        "".join(part.title() for part in operation.key.replace(".", "_").split("_")),
        (OperationAction,),
        {
            "__module__": __name__,
            "__doc__": operation.doc,
            "operation": operation,
            "asked": asked,
            "key": operation.key,
            "label": label_of(operation),
            "description": description_of(operation),
            "category": category_of(operation),
            "icon": icon_of(operation),
            "repeat": repeat_of(operation),
            "pages": paging.is_paged(operation, asked.paths),
            "moves_money": marks.moves_money,
            "destructive": marks.destructive,
            "changes_customers": marks.changes_customers,
            "sent_inputs": None if operation.writes else frozenset(),
            "inputs": with_defaults(operation, asked.fields),
            "outputs": outputs_of(operation, paged=paging.is_paged(operation, asked.paths)),
        },
    )
    made.check_declaration()
    return made()


def repeat_of(operation: Operation) -> Repeat:
    """How a call without an answer may be repeated."""
    return repeat_of_verb(operation.verb)


def repeat_of_verb(verb: str) -> Repeat:
    """The same by the verb: Stripe heeds an idempotency key on POST only."""
    return {"get": Repeat.SAFE, "post": Repeat.KEYED}.get(verb, Repeat.ASK)


_COUNT = OutputField("count", gettext_lazy("Number of objects"), "integer")


def outputs_of(operation: Operation, *, paged: bool = False) -> Outputs:
    """What it answers: an object, or a list of them; one that is `paged` says how many it has given."""
    if operation.gives and operation.many:
        return Outputs(object=f"{LIST_OF}{operation.gives}", fields=(_COUNT,) if paged else ())
    return Outputs(object=operation.gives or None)


def icon_of(operation: Operation) -> str:
    """Its icon: that of its object."""
    curated = CURATED.get(operation.key)
    own = curated.icon if curated else ""
    return own or ICONS.get(operation.resource.partition(".")[0], "action")


def with_defaults(operation: Operation, fields: tuple[InputField, ...]) -> tuple[InputField, ...]:
    """The inputs with what a new step is prefilled with."""
    defaults = dict(CURATED[operation.key].defaults) if operation.key in CURATED else {}
    return tuple(one.with_default(defaults[one.name]) if one.name in defaults else one for one in fields)


def off_reason(operation: Operation) -> str:
    """Why an operation cannot be used here, as a sentence; "" if it can."""
    off = marks_of(operation).off
    return "" if off is None or switched_off.is_allowed(operation.key, off) else str(_OFF[off])


def without_secrets(value: Any) -> Any:
    """An answer of Stripe without what opens something."""
    if isinstance(value, dict):
        return {
            key: HIDDEN if key in _SECRETS and isinstance(one, str) else without_secrets(one)
            for key, one in value.items()
        }
    return [without_secrets(one) for one in value] if isinstance(value, list) else value
