"""The contract between the engine and everything a step can do."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from stripeflow.actions.context import ActionContext
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.text import TextInput
from stripeflow.actions.look_up import LookedUp, Unclear
from stripeflow.actions.named_secrets import HIDDEN, name_in
from stripeflow.actions.naming import with_close
from stripeflow.actions.problems import Problem
from stripeflow.actions.repeat import Repeat
from stripeflow.actions.wording import Text

KEY_PATTERN = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


@dataclass(frozen=True)
class OutputField:
    """One value that later steps can refer to. `type` is a type key of the event catalogue.

    `name` is a path if the value lies inside an object: "limit.amount". For money, `currency` is the path of
    its currency among the outputs.
    """

    name: str
    label: Text
    type: str
    currency: str = ""


@dataclass(frozen=True)
class Outputs:
    """What `run` returns: a Stripe object by its name ("charge"), or the listed fields, or both."""

    object: str | None = None
    fields: tuple[OutputField, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What a message would look like. `html` is a whole document, to be shown in a sandboxed frame."""

    subject: str
    text: str
    html: str
    recipients: tuple[str, ...]


class Action(ABC):
    """One thing a step can do. Subclasses are registered with `stripeflow.actions.registry.register`.

    An instance holds no state. The engine calls `execute`; `run` gets inputs that were cleaned.
    """

    key: ClassVar[str]
    label: ClassVar[Text]
    description: ClassVar[Text] = ""
    category: ClassVar[Text]
    icon: ClassVar[str] = "action"
    inputs: ClassVar[tuple[InputField, ...]] = ()
    outputs: ClassVar[Outputs] = Outputs()
    # Whether it moves money, and whether it ends or deletes something that a person cannot bring back, such
    # as a subscription. Neither has a default: an action that forgets to say so would pass every gate.
    moves_money: ClassVar[bool]
    destructive: ClassVar[bool]
    # Whether it changes customers, or other data that people and the conditions of other workflows act on,
    # such as metadata. True unless the action says otherwise.
    changes_customers: ClassVar[bool] = True
    # Whether it writes to customers. What is sent cannot be taken back, so a branch step that is undecided
    # stops for a person before it.
    writes_to_customers: ClassVar[bool] = False
    # The inputs whose values are sent to where others read them: a message, metadata, a request. None means
    # all of them, which is the safe default.
    sent_inputs: ClassVar[frozenset[str] | None] = None
    # Whether it calls Stripe, so that a step may choose to act as the platform.
    uses_account: ClassVar[bool] = False
    # Whether `run` and `look_up` may be called by several threads at once. If not, each worker process makes
    # one call of this action at a time; those of other processes go on beside it.
    thread_safe: ClassVar[bool] = True
    # Whether it gives a list a page at a time, as Stripe does: a loop over its list reads the others by
    # `next_page`. It has to be *safe*.
    pages: ClassVar[bool] = False
    repeat: ClassVar[Repeat]

    @abstractmethod
    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        """Do it, and return plain JSON. `inputs` has every declared name; an empty one is None, or [].

        Raises a subclass of `stripeflow.actions.errors.ActionError`. No transaction is open.
        """

    def for_inputs(self, inputs: Mapping[str, Any]) -> "Action":
        """Return the action as it is with these inputs, raw or rendered.

        That is itself, unless its marks, how it repeats, or what it gives depend on them: then the marks of
        the class are the gravest.
        """
        return self

    @property
    def has_preview(self) -> bool:
        """Whether the action can show what it would send: whether it has a `preview` of its own."""
        return type(self).preview is not Action.preview

    def preview(self, inputs: Mapping[str, Any], context: ActionContext) -> Preview | None:
        """Return what a message would look like with these rendered inputs; None if there is none."""
        return None

    def moves(self, inputs: Mapping[str, Any]) -> tuple[int, str] | None:
        """Return the amount in minor units and the currency that these cleaned inputs move; None if unknown.

        For people who approve it beforehand. What is reserved right before the call may be less, never more.
        """
        return None

    def look_up(self, inputs: Mapping[str, Any], context: ActionContext) -> LookedUp:
        """Return whether an earlier call of this very step took effect. For *keyed* actions; only reads.

        Asked once the idempotency key can tell nothing more, with the inputs that were sent, cleaned as
        for `run`. Raises a subclass of `stripeflow.actions.errors.ActionError`: after a transient one it is
        asked again later, after any other one a person is asked.
        """
        return Unclear()

    def next_page(self, inputs: Mapping[str, Any], *, after: str, most: int) -> dict[str, Any] | None:
        """Return the inputs that read the page behind the item with the id `after`; "" is the first page.

        For an action that gives `pages`. `inputs` are the rendered ones of the step that gave the list, and
        the page has at most `most` items. None if a list with these inputs has no further pages. `run`
        returns a list object as Stripe does: `data`, whose items have an `id` each, and `has_more`.
        """
        return None

    def sample_outputs(self, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what it might give for these rendered inputs, for a dry run; None to take plain samples."""
        return None

    def execute(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        """Clean the rendered inputs and run. Raises a subclass of `stripeflow.actions.errors.ActionError`."""
        return self.run(self.clean(inputs), context)

    def clean(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Check rendered values right before the run. Raises `stripeflow.actions.errors.InvalidInput`."""
        return {field.name: field.clean(inputs.get(field.name)) for field in self.inputs}

    def check(self, inputs: Mapping[str, Any]) -> list[Problem]:
        """Return every problem of the raw inputs; references are let through. Reads no database."""
        problems = [
            Problem(name, "unknown_input", self._no_input(name))
            for name in inputs
            if name not in self.input_names
        ]
        for field in self.inputs:
            problems += field.check(inputs.get(field.name))
        return problems + self.check_together(inputs)

    def _no_input(self, name: str) -> str:
        message = _("“%(name)s” is not an input of this action.") % {"name": name}
        return with_close(message, name, self.input_names)

    def check_together(self, inputs: Mapping[str, Any]) -> list[Problem]:
        """Return problems that concern several inputs at once. For subclasses; none by default."""
        return []

    def check_current(self, inputs: Mapping[str, Any]) -> list[Problem]:
        """Return problems that prevent running now, such as people who left. Reads the database."""
        return [problem for field in self.inputs for problem in field.check_current(inputs.get(field.name))]

    def templates(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield (path, text) of every text in the raw inputs that may hold references."""
        for field in self.inputs:
            yield from field.templates(inputs.get(field.name))

    def sent_texts(self, inputs: Mapping[str, Any]) -> Iterator[str]:
        """Yield the texts that may hold references and leave with them: see `sent_inputs`."""
        for field in self.inputs:
            if self.sent_inputs is None or field.name in self.sent_inputs:
                yield from (text for _path, text in field.templates(inputs.get(field.name)))

    def map_templates(self, inputs: Mapping[str, Any], function: Callable[[str], Any]) -> dict[str, Any]:
        """Return the raw inputs with each text that may hold references replaced by `function(text)`."""
        return {
            field.name: field.map_templates(inputs[field.name], function)
            for field in self.inputs
            if field.name in inputs
        }

    def masked(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs with the values of secret ones hidden, for pages, logs and the API.

        The name of a secret stays, since it is not secret.
        """
        secret = {field.name for field in self.inputs if field.secret}
        return {
            name: HIDDEN if name in secret and value and not name_in(value) else value
            for name, value in inputs.items()
        }

    def without_secrets(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs with a stand-in for each secret, for previews; never send these."""
        secret = {field.name for field in self.inputs if field.secret}
        return {name: HIDDEN if name in secret and value else value for name, value in inputs.items()}

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the raw inputs. Required ones may be absent in a draft."""
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {field.name: field.json_schema() for field in self.inputs},
        }

    def input(self, name: str) -> InputField:
        """Return the input called `name`. Raises KeyError."""
        return {field.name: field for field in self.inputs}[name]

    def input_at(self, path: str) -> InputField:
        """Return the input that a path of `check` or `templates` leads into. Raises KeyError.

        An input's own name may hold dots: "shipping.name".
        """
        name = path
        while name not in self.input_names and "." in name:
            name = name.rpartition(".")[0]
        return self.input(name)

    @property
    def input_names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.inputs)

    @classmethod
    def check_declaration(cls) -> None:
        """Raise ImproperlyConfigured if the class lacks a declaration that callers rely on."""
        for name in ("key", "label", "category", "repeat"):
            if not getattr(cls, name, None):
                raise ImproperlyConfigured(f"{cls.__qualname__} declares no {name}.")
        for name in ("moves_money", "destructive", "changes_customers", "writes_to_customers"):
            if not isinstance(getattr(cls, name, None), bool):
                raise ImproperlyConfigured(f"{cls.__qualname__} has to say {name} = True, or {name} = False.")
        if cls.pages and cls.repeat is not Repeat.SAFE:
            raise ImproperlyConfigured(f"{cls.__qualname__} gives pages of a list, so it has to be safe.")
        if not KEY_PATTERN.fullmatch(cls.key):
            raise ImproperlyConfigured(f"The key {cls.key!r} may hold a-z, 0-9, _ and dots only.")
        if odd := [field.name for field in cls.inputs if field.secret and not isinstance(field, TextInput)]:
            raise ImproperlyConfigured(f"{cls.__qualname__} has a secret input that is no text: {odd[0]}.")
        names = [field.name for field in cls.inputs]
        if len(names) != len(set(names)):
            raise ImproperlyConfigured(f"{cls.__qualname__} declares an input twice.")
