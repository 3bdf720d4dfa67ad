"""The contract between workflows and everything that can start them."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from django import forms
from django.core.exceptions import ImproperlyConfigured

from stripeflow.triggers.catalogue import Field
from stripeflow.triggers.recent import Recent
from stripeflow.triggers.types import addressing
from stripeflow.triggers.widths import SOURCE_WIDTH, TOPIC_WIDTH

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from stripeflow.triggers.types.recurring_schedule.timing import Timing

Settings = Mapping[str, Any]

# What a document's trigger says besides the settings of its type.
RESERVED = frozenset(
    {
        "type",
        "scope",
        "caused_events",
        "cancel_when",
        "conditions",
        "match",
        "mode",
        "accounts",
        "listed_accounts",
    }
)
_TYPE = re.compile(r"[a-z0-9_]{1,32}")


class Fault(Protocol):
    """What is wrong with a setting: `path` begins with its name, `message` is a sentence."""

    @property
    def path(self) -> str: ...

    @property
    def code(self) -> str: ...

    @property
    def message(self) -> str: ...


class Setting(Protocol):
    """One declared setting. The fields of `stripeflow.actions.inputs` are such.

    Its value is plain JSON, as the document has it. `default` is what a new trigger has; None is nothing.
    """

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> "StrOrPromise": ...

    @property
    def default(self) -> Any: ...  # noqa: ANN401  any JSON value

    @property
    def secret(self) -> bool: ...

    def is_empty(self, value: Any) -> bool: ...  # noqa: ANN401

    def check(self, raw: Any) -> Iterable[Fault]: ...  # noqa: ANN401

    def json_schema(self) -> dict[str, Any]: ...

    def form_field(self) -> forms.Field: ...


@dataclass(frozen=True)
class SettingProblem:
    """What is wrong with a setting. A warning does not block activation."""

    path: str
    code: str
    message: str
    is_warning: bool = False


@dataclass(frozen=True)
class Carried:
    """What the events of a trigger hold, as references and conditions know it before anything has run.

    `label` names it. `object` is an object of the catalogue ("charge|refund" for one of several), and
    `fields` are further ones. `is_open`: there may be more than is listed. `tracks_changes`: an event says
    what its object held before. `recent`: what the newest ones held.
    """

    label: str
    object: str | None = None
    fields: tuple[Field, ...] = ()
    is_open: bool = False
    tracks_changes: bool = False
    recent: Callable[[], Recent] = Recent


class TriggerType(ABC):
    """A type of trigger. Register subclasses with `registry.register`.

    An instance holds no state. Its events are given to `inbox.accept`: each is of this `source`, and its
    `type` is one of the topics. What it is about stands in the payload's `data.object`.
    """

    type: ClassVar[str]
    label: ClassVar["StrOrPromise"]
    description: ClassVar["StrOrPromise"] = ""
    icon: ClassVar[str] = "trigger"
    # `Envelope.source` of its events; no two types share one.
    source: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]] = ()
    # Whether each of its events is for one workflow only, as a tick of a schedule is. See `topic_for`.
    is_addressed: ClassVar[bool] = False
    # Of such a type: whether those who start a workflow may choose among the modes and accounts of its scope.
    # If not, the scope has to leave only one.
    asks_side: ClassVar[bool] = False

    # Whether the page of a trigger shows what its settings come to: see `outlook`.
    has_outlook: ClassVar[bool] = False

    @abstractmethod
    def topics(self, settings: Settings) -> tuple[str, ...]:
        """What its events are called (`Envelope.type`); none as long as nobody has chosen.

        Of an addressed type that is without the addressee, which settings do not know.
        """

    def topic_for(self, topic: str, addressee: int) -> str:
        """What an event of this topic is called (`Envelope.type`) that is for the addressee, by its id."""
        return addressing.addressed(topic, addressee) if self.is_addressed else topic

    def topic_of(self, called: str) -> str:
        """The topic of an event by what it is called."""
        return addressing.topic_of(called) if self.is_addressed else called

    @property
    def topic_width(self) -> int:
        """How many characters a topic may have."""
        return TOPIC_WIDTH - (addressing.WIDTH if self.is_addressed else 0)

    def normal(self, settings: Settings) -> Settings:
        """The settings as they are saved: of several ways to write the same, always one."""
        return settings

    @abstractmethod
    def known(self, settings: Settings) -> Carried:
        """What is known of its events. Asked only where there are topics."""

    @abstractmethod
    def sample(self, settings: Settings, topic: str) -> dict[str, Any]:
        """What a made-up event holds in `data`: at least `object`."""

    @abstractmethod
    def describe_topic(self, topic: str) -> str:
        """What people call an event of this topic."""

    def describe(self, settings: Settings) -> str:
        """What starts the workflow, for people; "" as long as nobody has chosen."""
        return ", ".join(self.describe_topic(topic) for topic in self.topics(settings))

    def describe_fully(self, settings: Settings) -> str:
        """The same with every setting that tells two triggers apart, for comparisons."""
        return self.describe(settings)

    def timing(self, settings: Settings) -> "Timing | None":
        """When it starts its workflow by itself; None if it does not. Only an addressed type may."""
        return None

    def expects_caused(self, settings: Settings) -> bool:
        """Whether its events start the workflow although others cause them: somebody asks for just that.

        Else the trigger has the choice, and what moves money does not start on them by default.
        """
        return False

    def outlook(self, settings: Settings) -> tuple[str, ...]:
        """What the settings come to, for people who are choosing them: the next times of a schedule."""
        return ()

    def category(self, topic: str) -> str:
        """The heading under which people find it; "" for none."""
        return ""

    def icon_of(self, topic: str) -> str:
        """The icon of an event of this topic."""
        return self.icon

    def object_of(self, topic: str, *, guessed: bool) -> str | None:
        """The object of the catalogue that an event of this topic is about, if it is one.

        `guessed`: also where only the topic's name suggests it.
        """
        return None

    def check(self, settings: Settings) -> Iterator[SettingProblem]:
        """Yield every problem of the settings."""
        for setting in self.settings:
            for one in setting.check(settings.get(setting.name)):
                yield SettingProblem(one.path, one.code, one.message)

    def defaults(self) -> dict[str, Any]:
        """Return the settings of a new trigger."""
        return {one.name: one.default for one in self.settings if one.default is not None}

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schemas of the settings, by name."""
        return {one.name: one.json_schema() for one in self.settings}

    @classmethod
    def check_declaration(cls) -> None:
        """Raise ImproperlyConfigured if the class lacks a declaration that callers rely on."""
        for name in ("type", "label", "source"):
            if not getattr(cls, name, None):
                raise ImproperlyConfigured(f"{cls.__qualname__} declares no {name}.")
        if not _TYPE.fullmatch(cls.type):
            raise ImproperlyConfigured(f"The type {cls.type!r} may hold up to 32 of a-z, 0-9 and _ only.")
        if len(cls.source) > SOURCE_WIDTH:
            raise ImproperlyConfigured(f"The source {cls.source!r} is longer than {SOURCE_WIDTH} characters.")
        cls._check_settings()

    @classmethod
    def _check_settings(cls) -> None:
        names = [one.name for one in cls.settings]
        if len(names) != len(set(names)):
            raise ImproperlyConfigured(f"{cls.__qualname__} declares a setting twice.")
        if odd := RESERVED.intersection(names):
            raise ImproperlyConfigured(
                f"{cls.__qualname__} has a setting called {min(odd)!r}, which is taken."
            )
        if secret := [one.name for one in cls.settings if one.secret]:
            # Events are found by what the settings say, and pages show it.
            raise ImproperlyConfigured(f"{cls.__qualname__} has a setting that is secret: {secret[0]}.")
