"""The place of a piece: what is known there, and what is wrong with the piece."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.cancel_when import cancel_events, known_of
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import lanes
from stripeflow.workflows.definition.problems import Problems
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import ItemKnown, Known
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.definition.walk import Earlier, Place, Whole, steps
from stripeflow.workflows.drafts.deleted_steps import deleted_steps
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Branch, CancelEvent, Condition, Step, Trigger, Workflow

Home = Trigger | Branch | CancelEvent | Condition
# What a tree of conditions belongs to.
Root = Trigger | Branch | CancelEvent


@dataclass(frozen=True)
class Scope:
    """A workflow's document, read once for one request."""

    workflow: Workflow

    @cached_property
    def document(self) -> Json:
        return to_document(self.workflow)

    @cached_property
    def problems(self) -> Problems:
        return validate(self.document, deleted=self.deleted).problems

    @cached_property
    def deleted(self) -> tuple[Json, ...]:
        """The deleted steps that something in the document still refers to."""
        return deleted_steps(self.workflow, self.document)

    @property
    def trigger(self) -> TriggerPlan:
        return TriggerPlan.of(self.document["trigger"])

    def place(self, key: str) -> Place:
        """Where the step of this key stands."""
        return next(place for place in steps(self.document, self.deleted) if place.step["key"] == key)

    def known_at(self, step: Step) -> Known:
        """What a step, and the conditions of its branches, may refer to."""
        return Known.at(self.trigger, self.place(step.key))

    def known_in(self, branch: Branch | None, position: int) -> Known:
        """What a new step at this position would be able to refer to."""
        level: list[Json] = self.document["steps"]
        before = Earlier()
        failed: tuple[Json, ...] = ()
        if branch is not None:
            place = self.place(branch.step.key)
            lane = next((lane for lane in lanes(place.step) if lane.key == branch.key), None)
            knows = lane is not None and lane.knows_step
            seen = kinds.of(place.step).seen_in(place.step, lane) if lane else place.step
            before = place.before.then(seen) if knows else place.before
            failed = (*place.failed, *([place.step] if branch.on_error else []))
            level = lane.steps if lane else []
        earlier = (step for step in level[:position] if kinds.of(step).gives(step))
        whole = Whole(self.document, self.deleted)
        return Known(self.trigger, (*before, *earlier), failed, whole)

    def finder_of(self, home: Home) -> Known | ItemKnown:
        """What the conditions of `home` may test."""
        if isinstance(home, Trigger):
            return Known(self.trigger)
        if isinstance(home, CancelEvent):
            return known_of(cancel_events(self.document["trigger"])[home.position], self.trigger)
        if isinstance(home, Branch):
            place = self.place(home.step.key)
            lane = next((lane for lane in lanes(place.step) if lane.key == home.key), None)
            known = Known.at(self.trigger, place)
            return known.in_lane(place, lane) if lane else known
        outer = self.finder_of(holder_of(home))
        return outer.item_finder(home.field) if home.kind == "list" else outer

    def problems_at(self, prefix: str = "", *, step: str = "", branch: str | None = None) -> Problems:
        """The problems of one piece: below a place of the document, or of a step and its branch."""
        return Problems(
            problem
            for problem in self.problems
            if problem.path.startswith(prefix)
            and problem.step == step
            and (branch is None or problem.branch == branch)
        )


def home_of(condition: Condition) -> Root:
    """The trigger, the branch or the event whose tree the condition belongs to."""
    holder = holder_of(condition)
    return home_of(holder) if isinstance(holder, Condition) else holder


def holder_of(condition: Condition) -> Home:
    """The row that the condition belongs to. The database makes sure that there is exactly one."""
    holder = condition.parent or condition.branch or condition.cancel_event or condition.trigger
    if holder is None:
        raise ValueError("The condition belongs to nothing.")
    return holder


def workflow_of(home: Root) -> Workflow:
    """The workflow that this is a piece of."""
    if isinstance(home, Branch):
        return home.step.workflow
    return home.trigger.workflow if isinstance(home, CancelEvent) else home.workflow


def ancestors(condition: Condition) -> Iterator[Condition]:
    """The condition itself, then its parents up to the root of the tree."""
    row: Condition | None = condition
    while row is not None:
        yield row
        row = row.parent
