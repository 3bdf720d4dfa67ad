"""Names the values of secret inputs, one name for each value, while they are moved into secrets."""

from collections.abc import Iterator
from typing import Any

from stripeflow.actions import registry
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.references import holds_reference
from stripeflow.actions.inputs.text import scalar_text
from stripeflow.actions.named_secrets import reference_to
from stripeflow.triggers import encryption
from stripeflow.triggers.encryption import CannotDecrypt
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.credentials.named_secrets import workflows_using
from stripeflow.workflows.credentials.secret_changes import SecretRefused
from stripeflow.workflows.definition.clear_secrets import clear_fields, is_value
from stripeflow.workflows.definition.secret_names import named_in
from stripeflow.workflows.models import Secret


class AdoptedValues:
    """Knows the value of every secret that a key opens, and stores those that are new."""

    def __init__(self) -> None:
        self._names = dict(_opened())
        self._values = {name: value for value, name in self._names.items()}

    def begin(self, workflow: str, act: Act = NOBODY, left: set[str] | None = None) -> None:
        """Go on with another workflow, by its title. What has to stay in clear is added to `left`."""
        self.workflow, self.act = workflow, act
        self.left = set() if left is None else left
        self.used: set[str] = set()

    def named(self, action: str, inputs: Any, step: str, *, rendered: bool = False) -> Any:  # noqa: ANN401
        """The inputs of a step, called `step`, with a secret's name in the place of each value.

        In `rendered` inputs nothing is a reference any more.
        """
        names = {}
        for field in clear_fields(action, inputs):
            raw = inputs[field.name]
            if name := self._name(field, raw, step, rendered):
                names[field.name] = reference_to(name)
            elif rendered or is_value(field, raw):
                self.left.add(f"{step} › {field.label}")
        return {**inputs, **names} if names else inputs

    def of(self, action: str, inputs: Any) -> list[str]:  # noqa: ANN401
        """The values that the inputs of a step name."""
        named = named_in(registry.find(action), inputs).values()
        return [self._values[name] for name in named if name in self._values]

    def leave(self, step: str, action: str) -> None:
        """Note that the inputs of this step stay as they are."""
        found = registry.find(action)
        labels = [str(one.label) for one in found.inputs if one.secret] if found else []
        self.left.update(f"{step} › {label}" for label in labels)

    def _name(self, field: InputField, raw: Any, step: str, rendered: bool) -> str:  # noqa: ANN401
        """The name of the secret that has this value; "" if no secret can have it."""
        value = scalar_text(raw)
        if value is None or (not rendered and _refers(field, raw)):
            return ""
        if value not in self._names:
            name = self._free_name(str(field.label))
            description = f"{self.workflow}: {step}"[:200]
            try:
                secret_changes.keep(name, value, description=description, act=self.act)
            except SecretRefused:
                return ""
            self._names[value], self._values[name] = name, value
        self.used.add(self._names[value])
        return self._names[value]

    def _free_name(self, label: str) -> str:
        """A name that no step still uses for a lost secret: that step would get this value."""
        taken = set(self._values)
        name = secret_changes.free_name(self.workflow, label, taken=taken)
        while workflows_using(name):
            taken.add(name)
            name = secret_changes.free_name(self.workflow, label, taken=taken)
        return name


def _refers(field: InputField, raw: Any) -> bool:  # noqa: ANN401
    return any(holds_reference(text) for _path, text in field.templates(raw))


def _opened() -> Iterator[tuple[str, str]]:
    """The value and the name of each secret; of several with one value, the oldest comes last, and stays."""
    for name, kept in Secret.objects.order_by("-pk").values_list("name", "value"):
        try:
            yield encryption.decrypted(kept), name
        except CannotDecrypt:
            continue
