"""What starts a workflow: a type of trigger, with its settings."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, Self

from django.utils.translation import gettext as _

from stripeflow.triggers.types import registry
from stripeflow.triggers.types.base import Carried, TriggerType
from stripeflow.triggers.types.recurring_schedule.timing import Timing

# What every trigger says, of whatever type it is; all else is a setting of its type.
_SHARED = ("type", "scope", "caused_events", "cancel_when", "conditions")


class Happening(Protocol):
    """An event, by what it is looked up by."""

    @property
    def source(self) -> str: ...

    @property
    def type(self) -> str: ...


@dataclass(frozen=True)
class TriggerPlan:
    """The part of a trigger that its type understands. The type may not be installed here."""

    type: str
    settings: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, trigger: dict[str, Any]) -> Self:
        """Out of a document's trigger."""
        return cls(trigger["type"], {name: value for name, value in trigger.items() if name not in _SHARED})

    @property
    def kind(self) -> TriggerType | None:
        """The type; None if it is not installed."""
        return registry.find(self.type)

    @property
    def normal_settings(self) -> dict[str, Any]:
        """The settings as they are saved: of several ways to write the same, always one."""
        return dict(self.kind.normal(self.settings)) if self.kind else self.settings

    @property
    def source(self) -> str:
        """`Event.source` of what starts it; "" if its type is not installed."""
        return self.kind.source if self.kind else ""

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """What its events are called; none as long as nobody has chosen.

        Those of an addressed type are stored with the workflow that they are for: see `topics_for`.
        """
        return self.kind.topics(self.settings) if self.kind else ()

    def topics_for(self, workflow_id: int) -> tuple[str, ...]:
        """`Event.type` of what starts this workflow."""
        kind = self.kind
        return tuple(kind.topic_for(topic, workflow_id) for topic in self.topics) if kind else ()

    @property
    def is_addressed(self) -> bool:
        """Whether each of its events is for one workflow only."""
        return self.kind is not None and self.kind.is_addressed

    @property
    def timing(self) -> Timing | None:
        """When it starts the workflow by itself; None if it does not."""
        return self.kind.timing(self.settings) if self.kind else None

    def timing_of(self, workflow_id: int) -> Timing | None:
        """The same of one workflow, whose times have delays of their own."""
        timing = self.timing
        return timing.of(workflow_id) if timing else None

    @property
    def expects_caused(self) -> bool:
        """Whether its events start the workflow although others cause them."""
        return self.kind is not None and self.kind.expects_caused(self.settings)

    @property
    def outlook(self) -> tuple[str, ...]:
        """What its settings come to, for people who are choosing them."""
        return self.kind.outlook(self.settings) if self.kind else ()

    @property
    def known(self) -> Carried | None:
        """What its events hold; None if nobody has chosen."""
        return self.kind.known(self.settings) if self.kind and self.topics else None

    @property
    def label(self) -> str:
        """ "Charge refunded or Refund created"; "" as long as nobody has chosen."""
        if self.kind is None:
            return _("“%s”, which is not installed here") % self.type
        return self.kind.describe(self.settings)

    @property
    def full_label(self) -> str:
        """The same with every setting, for comparisons."""
        return self.kind.describe_fully(self.settings) if self.kind else self.label

    @property
    def category(self) -> str:
        """The heading of its first topic, or ""."""
        return self.kind.category(self.topics[0]) if self.kind and self.topics else ""

    @property
    def icon(self) -> str:
        """The icon of its first topic."""
        return self.kind.icon_of(self.topics[0]) if self.kind and self.topics else "trigger"

    def starts_on(self, event: Happening, workflow_id: int) -> bool:
        """Whether events such as this one start the workflow, whatever its scope and its conditions say."""
        return bool(event.source == self.source and event.type in self.topics_for(workflow_id))
