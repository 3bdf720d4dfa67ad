"""The outline of a workflow: its document as cards, each with its words, problems and links.

It is made from a document, so that frozen versions can be shown too; then without `Rows`, and so without
links to edit.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.cancel_when import cancel_events
from stripeflow.workflows.definition.caused import takes_caused_events
from stripeflow.workflows.definition.choices import ActsAs
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import Lane, lanes
from stripeflow.workflows.definition.problems import Problem, Problems
from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.definition.scope_words import scope_sentence
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.walk import Place, steps
from stripeflow.workflows.display.cards import Card, Outline, TriggerCard, Way
from stripeflow.workflows.display.marks import Marks
from stripeflow.workflows.display.words import (
    Line,
    Part,
    cancel_words,
    condition_sentence,
    input_lines,
    retry_words,
)
from stripeflow.workflows.models import Branch, CancelEvent, Step, Trigger, Workflow

MISSING_ICON = "missing"


@dataclass(frozen=True)
class Waits:
    """Where runs wait: a sentence for each step by its key. A step's key behind `url` lists them."""

    sentences: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    # How many they are, and the list of all of them.
    total: int = 0
    all_url: str = ""

    def url_of(self, key: str) -> str:
        """Where the runs that wait at a step are listed; "" if they are not."""
        return f"{self.url}{key}" if self.url and key in self.sentences else ""


NOBODY_WAITS = Waits()


@dataclass(frozen=True)
class Rows:
    """The primary keys of the rows behind a document."""

    trigger: int | None
    steps: Mapping[str, int] = field(default_factory=dict)
    branches: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # Those of the events that end a run, in their order.
    cancels: tuple[int, ...] = ()


def rows_of(workflow: Workflow) -> Rows:
    """The primary keys of the workflow's rows. Four queries."""
    branches = Branch.objects.filter(step__workflow=workflow).values_list("step__key", "key", "pk")
    return Rows(
        trigger=Trigger.objects.filter(workflow=workflow).values_list("pk", flat=True).first(),
        steps=dict(Step.objects.filter(workflow=workflow).values_list("key", "pk")),
        branches={(step, key): pk for step, key, pk in branches},
        cancels=tuple(CancelEvent.objects.filter(trigger__workflow=workflow).values_list("pk", flat=True)),
    )


def outline(
    document: Json,
    *,
    problems: Iterable[Problem] = (),
    rows: Rows | None = None,
    readable: bool = False,
    deleted: tuple[Json, ...] = (),
    marks: Marks | None = None,
    waits: Waits = NOBODY_WAITS,
) -> Outline:
    """The cards of `document`. Reads no database. `readable`: for somebody who may edit it.

    `deleted` are steps that it had before, and that something still refers to. With `marks` the cards bear
    them, in place of the summaries of their inputs and of problems. `waits` says where runs wait.
    """
    found = Problems(problems)
    return _Builder(document, found, rows or Rows(None), readable, deleted, marks, waits).outline()


class _Builder:
    def __init__(
        self,
        document: Json,
        problems: Problems,
        rows: Rows,
        readable: bool,
        deleted: tuple[Json, ...],
        marks: Marks | None,
        waits: Waits,
    ) -> None:
        self.document, self.readable, self.marks, self.waits = document, readable, marks, waits
        self.problems = problems
        self.rows = rows
        self.trigger = TriggerPlan.of(document["trigger"])
        self.places: dict[str, Place] = {place.step["key"]: place for place in steps(document, deleted)}

    def outline(self) -> Outline:
        return Outline(self._trigger(), self._cards(self.document["steps"]), self.problems)

    def _trigger(self) -> TriggerCard:
        scope = scope_of(self.document["trigger"])
        return TriggerCard(
            pk=self.rows.trigger,
            is_chosen=bool(self.trigger.topics),
            label=self.trigger.label,
            category=self.trigger.category,
            icon=self.trigger.icon,
            sentence=condition_sentence(self.document["trigger"].get("conditions"), Known(self.trigger)),
            problems=self._problems(lambda one: one.path.startswith("/trigger")),
            scope=scope_sentence(scope),
            # No call of a workflow causes an event that is for one workflow only.
            takes_caused=self.trigger.is_addressed or takes_caused_events(self.document),
            cancels=tuple(cancel_words(one, self.trigger) for one in cancel_events(self.document["trigger"])),
            is_scope_chosen=scope.is_chosen,
            mark=self.marks.trigger if self.marks else None,
        )

    def _cards(self, items: list[Json]) -> tuple[Card, ...]:
        last = len(items) - 1
        return tuple(self._card(step, number, number == last) for number, step in enumerate(items))

    def _card(self, step: Json, position: int, is_last: bool) -> Card:
        key = step["key"]
        known = Known.at(self.trigger, self.places[key])
        block = kinds.of(step)
        action = block.declared(step)
        return Card(
            pk=self.rows.steps.get(key),
            key=key,
            kind=step["type"],
            title=step_title(step),
            label=block.word(step),
            icon=block.icon_of(step),
            missing=block.is_missing(step),
            moves_money=action is not None and action.moves_money,
            goes_on=step.get("on_error") == "continue",
            retry=retry_words(step.get("retry", {})),
            as_platform=step.get("acts_as") == ActsAs.PLATFORM,
            lines=() if self.marks else tuple(self._lines(step, known)),
            problems=self._problems_of(key, ""),
            ways=tuple(self._way(key, lane, known.in_lane(self.places[key], lane)) for lane in lanes(step)),
            position=position,
            is_last=is_last,
            mark=self.marks.step(key) if self.marks else None,
            details=self.marks.step_details.get(key) if self.marks else None,
            waits=self.waits.sentences.get(key, ""),
            waits_url=self.waits.url_of(key),
        )

    def _lines(self, step: Json, known: Known) -> Iterator[Line]:
        block = kinds.of(step)
        yield from (Line(label, (Part(text),)) for label, text in block.facts(step))
        yield from input_lines(block.declared(step), step.get("inputs", {}), known, readable=self.readable)

    def _way(self, step: str, lane: Lane, known: Known) -> Way:
        return Way(
            pk=self.rows.branches.get((step, lane.key)),
            key=lane.key,
            role=lane.role,
            name=lane.own.get("name", ""),
            label=lane.label,
            sentence=condition_sentence(lane.own.get("conditions"), known),
            heading=lane.heading,
            may_ask=lane.may_ask,
            problems=self._problems_of(step, lane.key),
            cards=self._cards(lane.steps),
            mark=self.marks.way(step, lane.key) if self.marks else None,
            details=self.marks.way_details.get((step, lane.key)) if self.marks else None,
        )

    def _problems_of(self, step: str, branch: str) -> Problems:
        return self._problems(lambda one: one.step == step and one.branch == branch)

    def _problems(self, belongs: Callable[[Problem], bool]) -> Problems:
        return Problems(() if self.marks else filter(belongs, self.problems))
