"""The outline of a workflow: its document as cards, each with its words, problems and links.

It is made from a document, so that frozen versions can be shown too; then without `Rows`, and so without
links to edit.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.base import Action
from stripeflow.triggers import catalogue
from stripeflow.workflows.definition.caused import takes_caused_events
from stripeflow.workflows.definition.choices import ERROR_BRANCH_KEY, ActsAs
from stripeflow.workflows.definition.event_types import event_types_of
from stripeflow.workflows.definition.problems import Problem, Problems
from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.definition.scope_words import scope_sentence
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.walk import Json, Place, steps
from stripeflow.workflows.display.labels import event_label
from stripeflow.workflows.display.marks import Mark
from stripeflow.workflows.display.words import (
    Line,
    Part,
    condition_sentence,
    input_lines,
    retry_words,
    undecided_words,
)
from stripeflow.workflows.models import Branch, Step, Trigger, Workflow

MISSING_ICON = "missing"


@dataclass(frozen=True)
class Rows:
    """The primary keys of the rows behind a document."""

    trigger: int | None
    steps: Mapping[str, int] = field(default_factory=dict)
    branches: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class TriggerCard:
    pk: int | None
    event_types: tuple[str, ...]
    label: str
    category: str
    icon: str
    sentence: str
    problems: Problems
    scope: str = ""
    is_scope_chosen: bool = True
    takes_caused: bool = True
    mark: Mark | None = None


@dataclass(frozen=True)
class Way:
    """One branch of a branch step, or an action's error branch. `sentence` says its conditions, if any."""

    pk: int | None
    key: str
    name: str
    otherwise: bool
    sentence: str
    problems: Problems
    cards: tuple["StepCard", ...]
    on_error: bool = False
    mark: Mark | None = None

    @property
    def title(self) -> str:
        """The branch as people know it."""
        if self.on_error:
            return _("If it fails")
        return self.name or self.sentence or _("All other cases")

    @property
    def columns(self) -> int:
        """How many cards stand side by side at most."""
        return widest(self.cards)


@dataclass(frozen=True)
class StepCard:
    """One step. `before` and `after` are the positions of new steps around it."""

    pk: int | None
    key: str
    kind: str
    name: str
    label: str
    icon: str
    missing: bool
    moves_money: bool
    goes_on: bool
    retry: str
    as_platform: bool
    lines: tuple[Line, ...]
    problems: Problems
    ways: tuple[Way, ...]
    position: int
    is_last: bool
    mark: Mark | None = None

    @property
    def after(self) -> int:
        return self.position + 1

    @property
    def title(self) -> str:
        """The step as people know it: its name, or its action's label."""
        return self.name or self.label or _("Branch on conditions")

    @property
    def steps_within(self) -> int:
        """How many steps lie inside, to any depth."""
        return sum(1 + card.steps_within for way in self.ways for card in way.cards)

    @property
    def columns(self) -> int:
        """How many cards stand side by side at most. An error branch leaves room at its other side."""
        within = sum(way.columns for way in self.ways)
        return max(1, within if self.kind == "branch" else 2 * within + 1)


@dataclass(frozen=True)
class Outline:
    trigger: TriggerCard
    cards: tuple[StepCard, ...]
    problems: Problems

    @property
    def columns(self) -> int:
        """How many cards stand side by side at most."""
        return widest(self.cards)


def widest(cards: Iterable[StepCard]) -> int:
    """How many columns the widest of these cards takes."""
    return max((card.columns for card in cards), default=1)


def rows_of(workflow: Workflow) -> Rows:
    """The primary keys of the workflow's rows. Three queries."""
    branches = Branch.objects.filter(step__workflow=workflow).values_list("step__key", "key", "pk")
    return Rows(
        trigger=Trigger.objects.filter(workflow=workflow).values_list("pk", flat=True).first(),
        steps=dict(Step.objects.filter(workflow=workflow).values_list("key", "pk")),
        branches={(step, key): pk for step, key, pk in branches},
    )


def outline(
    document: Json,
    *,
    problems: Iterable[Problem] = (),
    rows: Rows | None = None,
    readable: bool = False,
    deleted: tuple[Json, ...] = (),
) -> Outline:
    """The cards of `document`. Reads no database. `readable`: for somebody who may edit it.

    `deleted` are steps that it had before, and that something still refers to.
    """
    return _Builder(document, Problems(problems), rows or Rows(None), readable, deleted).outline()


class _Builder:
    def __init__(
        self, document: Json, problems: Problems, rows: Rows, readable: bool, deleted: tuple[Json, ...]
    ) -> None:
        self.readable = readable
        self.document = document
        self.problems = problems
        self.rows = rows
        self.event_types = event_types_of(document["trigger"]["event_type"])
        self.places: dict[str, Place] = {place.step["key"]: place for place in steps(document, deleted)}

    def outline(self) -> Outline:
        return Outline(self._trigger(), self._cards(self.document["steps"]), self.problems)

    def _trigger(self) -> TriggerCard:
        scope = scope_of(self.document["trigger"])
        category = catalogue.any_event_type(self.event_types[0]).category if self.event_types else None
        return TriggerCard(
            pk=self.rows.trigger,
            event_types=self.event_types,
            label=event_label(self.event_types),
            category=str(category.label) if category else "",
            icon=category.icon if category else "trigger",
            sentence=condition_sentence(self.document["trigger"].get("conditions"), Known(self.event_types)),
            problems=Problems(one for one in self.problems if one.path.startswith("/trigger")),
            scope=scope_sentence(scope),
            takes_caused=takes_caused_events(self.document),
            is_scope_chosen=scope.is_chosen,
        )

    def _cards(self, items: list[Json]) -> tuple[StepCard, ...]:
        last = len(items) - 1
        return tuple(self._card(step, number, number == last) for number, step in enumerate(items))

    def _card(self, step: Json, position: int, is_last: bool) -> StepCard:
        key = step["key"]
        known = Known.at(self.event_types, self.places[key])
        action = registry.find(step.get("action", ""))
        is_branch = step["type"] == "branch"
        return StepCard(
            pk=self.rows.steps.get(key),
            key=key,
            kind=step["type"],
            name=step.get("name", ""),
            label=str(action.label) if action else step.get("action", ""),
            icon=_icon(is_branch, action),
            missing=action is None and not is_branch,
            moves_money=action is not None and action.moves_money,
            goes_on=step.get("on_error") == "continue",
            retry=retry_words(step.get("retry", {})),
            as_platform=step.get("acts_as") == ActsAs.PLATFORM,
            lines=(_undecided_line(step),) if is_branch else self._lines(action, step, known),
            problems=self._problems_of(key, ""),
            ways=tuple(self._ways(step, known)),
            position=position,
            is_last=is_last,
        )

    def _lines(self, action: Action | None, step: Json, known: Known) -> tuple[Line, ...]:
        return tuple(input_lines(action, step.get("inputs", {}), known, readable=self.readable))

    def _ways(self, step: Json, known: Known) -> Iterator[Way]:
        for branch in step.get("branches", ()):
            yield self._way(step["key"], branch, known)
        if error_branch := step.get("error_branch"):
            yield self._error_way(step["key"], error_branch)

    def _error_way(self, step: str, error_branch: Json) -> Way:
        return Way(
            pk=self.rows.branches.get((step, ERROR_BRANCH_KEY)),
            key=ERROR_BRANCH_KEY,
            name="",
            otherwise=False,
            sentence="",
            problems=self._problems_of(step, ERROR_BRANCH_KEY),
            cards=self._cards(error_branch["steps"]),
            on_error=True,
        )

    def _way(self, step: str, branch: Json, known: Known) -> Way:
        return Way(
            pk=self.rows.branches.get((step, branch["key"])),
            key=branch["key"],
            name=branch.get("name", ""),
            otherwise=branch.get("otherwise", False),
            sentence=condition_sentence(branch.get("conditions"), known),
            problems=self._problems_of(step, branch["key"]),
            cards=self._cards(branch["steps"]),
        )

    def _problems_of(self, step: str, branch: str) -> Problems:
        return Problems(one for one in self.problems if one.step == step and one.branch == branch)


def _undecided_line(step: Json) -> Line:
    return Line(_("If a condition is unknown"), (Part(undecided_words(step, reason=False)),))


def _icon(is_branch: bool, action: registry.Action | None) -> str:
    if is_branch:
        return "branch"
    return action.icon if action else MISSING_ICON
