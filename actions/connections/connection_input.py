"""The input of a step that names a connection."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from stripeflow.actions.connections.connected import Connected
from stripeflow.actions.connections.connection_field import ConnectionField
from stripeflow.actions.connections.kinds import HTTP
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.named_secrets import NAME_PATTERN, is_name
from stripeflow.actions.problems import Problem


@dataclass(frozen=True)
class ConnectionInput(InputField):
    """The name of a connection of the kind `of`. `run` is given a `Connected` in its place."""

    references: bool = False
    of: str = HTTP

    kind: ClassVar[str] = "connection"
    names_connection: ClassVar[bool] = True

    @property
    def connection_kind(self) -> str:
        return self.of

    def connection_in(self, raw: Any) -> str:
        return raw if isinstance(raw, str) and is_name(raw) else ""

    def check_raw(self, raw: Any) -> list[Problem]:
        if self.connection_in(raw):
            return []
        return [self.problem("invalid", self.say(_("“%(label)s” must be the name of a connection.")))]

    def clean_value(self, value: Any) -> Any:
        if isinstance(value, Connected) or self.connection_in(value):
            return value
        raise self.invalid(self.say(_("“%(label)s” must be the name of a connection.")))

    def value_schema(self) -> dict[str, Any]:
        return {
            "type": ["string", "null"],
            "pattern": f"^({NAME_PATTERN})?$",
            "x-stripeflow-connection": self.of,
        }

    def form_field(self) -> forms.Field:
        return ConnectionField(self)
