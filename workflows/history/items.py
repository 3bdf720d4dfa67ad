"""The items of a run's loops, and which rows a page of the run reads: never those of more than one item."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count
from django.utils.translation import gettext as _

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.plan import StepPlan
from stripeflow.workflows.models import Loop, LoopItem, Run, StepRun
from stripeflow.workflows.operations.on_runs import undecided_step
from stripeflow.workflows.states import ItemStatus, RunStatus, StepStatus
from stripeflow.workflows.versions.plans import plan_of

# How many failed items a card names.
_NAMED = 3


def status_label(item: LoopItem, run: Run) -> str:
    """How the item stands, for people: no item of a run that has ended is still to come."""
    if item.status == ItemStatus.PENDING and run.state.is_final:
        return _("Not finished")
    if item.status == ItemStatus.PENDING and item.started_at is not None:
        return _("In progress")
    return str(item.state.label)


@dataclass(frozen=True)
class LoopSeen:
    """How far a loop is. `shown` is the item whose steps are shown; None if it has none."""

    loop: Loop
    shown: LoopItem | None

    @cached_property
    def counts(self) -> dict[ItemStatus, int]:
        """How many items there are of each status."""
        found = dict(self.loop.items.order_by().values_list("status").annotate(Count("pk")))
        return {status: found.get(status, 0) for status in ItemStatus}

    @property
    def succeeded(self) -> int:
        return self.counts[ItemStatus.SUCCEEDED]

    @property
    def failed(self) -> int:
        return self.counts[ItemStatus.FAILED]

    @property
    def pending(self) -> int:
        return self.counts[ItemStatus.PENDING]

    @cached_property
    def first_failed(self) -> tuple[LoopItem, ...]:
        """The first items that failed."""
        failed = self.loop.items.filter(status=ItemStatus.FAILED).defer("value").order_by("number")
        return tuple(failed[:_NAMED])

    @property
    def shown_label(self) -> str:
        """How the item that is shown stands."""
        return status_label(self.shown, self.loop.run) if self.shown else ""

    @property
    def place(self) -> int:
        """Which of the items is shown, counted from 1; 0 for none."""
        return self.shown.number + 1 if self.shown else 0

    @cached_property
    def before(self) -> LoopItem | None:
        """The item before the one that is shown."""
        return self._beside(-1)

    @cached_property
    def after(self) -> LoopItem | None:
        """The item after the one that is shown."""
        return self._beside(1)

    def _beside(self, step: int) -> LoopItem | None:
        if self.shown is None:
            return None
        return self.loop.items.filter(number=self.shown.number + step).defer("value").first()


class RunRecords:
    """The rows of a run that stand outside of loops, and of each loop those of one item.

    `item` is the one that a person has chosen. Otherwise it is the item at which the run stands; of a run
    that has ended the first one that failed, else the first that did not finish, or else the last.
    """

    def __init__(self, run: Run, item: LoopItem | None = None) -> None:
        self.run, self.item = run, item
        self.rows: list[StepRun] = []
        # By the key of the loop's step.
        self.loops: dict[str, LoopSeen] = {}
        self._read(plan_of(run.version_id).steps, "")

    def _read(self, steps: tuple[StepPlan, ...], prefix: str) -> None:
        found = list(outside_loops(steps))
        rows = list(StepRun.objects.filter(run=self.run, path__in=[prefix + step.key for step in found]))
        self.rows += rows
        for inside, own in _after_failures(steps, rows):
            self._read(inside, own)
        looping = {prefix + step.key: step for step in found if kinds.of(step.head).loops}
        for loop in Loop.objects.filter(run=self.run, path__in=looping):
            loop.run, step = self.run, looping[loop.path]
            seen = self.loops[step.key] = LoopSeen(loop, self._shown(loop))
            if seen.shown is not None:
                self._read(step.lanes[0].steps, loop.prefix_of(seen.shown.key))

    def _shown(self, loop: Loop) -> LoopItem | None:
        items = loop.items.order_by("number")
        if self.item is not None:
            if self.item.loop_id == loop.pk:
                return self.item
            inside = self.item.loop.path
            if inside.startswith(f"{loop.path}/"):
                return items.filter(key=inside[len(loop.path) + 1 :].partition("/")[0]).first()
        if asked := self._asked_in(loop):
            return asked
        if not self.run.state.is_final and (current := items.filter(status=ItemStatus.PENDING).first()):
            return current
        failed, left = (items.filter(status=status) for status in (ItemStatus.FAILED, ItemStatus.PENDING))
        return failed.first() or left.first() or items.last()

    def _asked_in(self, loop: Loop) -> LoopItem | None:
        """The item of the loop about which a person is asked: of several at once, not always the first."""
        path = self._asked_path
        if not path.startswith(f"{loop.path}/"):
            return None
        return loop.items.filter(key=path[len(loop.path) + 1 :].partition("/")[0]).first()

    @cached_property
    def _asked_path(self) -> str:
        """The path of the step of which a person has to say what became of it, or where it goes on."""
        if self.run.state is RunStatus.OUTCOME_UNKNOWN:
            asked = self.run.steps.filter(status=StepStatus.OUTCOME_UNKNOWN, superseded_at=None).last()
        else:
            asked = undecided_step(self.run)
        return asked.path if asked is not None else ""


def _after_failures(
    steps: tuple[StepPlan, ...], rows: list[StepRun]
) -> Iterator[tuple[tuple[StepPlan, ...], str]]:
    """The steps for a run that would fail, for each time that they ran: with what their paths begin with."""
    for step in steps:
        if kinds.of(step.head).runs_on_failure:
            for row in rows:
                if row.step_key == step.key:
                    yield step.lanes[0].steps, f"{row.path}/{row.group}/"


def outside_loops(steps: tuple[StepPlan, ...]) -> Iterator[StepPlan]:
    """These steps and all inside them, but not those inside of loops."""
    for step in steps:
        yield step
        if not kinds.of(step.head).loops:
            for lane in step.lanes:
                yield from outside_loops(lane.steps)


def rows_outside_loops(run: Run) -> list[StepRun]:
    """The rows of a run but those of items, in the order in which they were written."""
    return _rows_at(run, plan_of(run.version_id).steps, "")


def _rows_at(run: Run, steps: tuple[StepPlan, ...], prefix: str) -> list[StepRun]:
    paths = [prefix + step.key for step in outside_loops(steps)]
    rows = list(StepRun.objects.filter(run=run, path__in=paths))
    for inside, own in _after_failures(steps, rows):
        rows += _rows_at(run, inside, own)
    return rows


def rows_of_item(item: LoopItem) -> list[StepRun]:
    """The rows of an item of a loop but those of the items of loops inside, in the same order."""
    run = item.loop.run
    key = item.loop.path.rpartition("/")[2]
    step = plan_of(run.version_id).step(key)
    inside = outside_loops(step.lanes[0].steps) if step is not None and step.lanes else ()
    return list(StepRun.objects.filter(run=run, path__in=[item.prefix + one.key for one in inside]))


def loops_outside_loops(run: Run) -> list[LoopSeen]:
    """The loops of a run that stand in no other one."""
    if not any(kinds.of(step.head).loops for step in outside_loops(plan_of(run.version_id).steps)):
        return []
    loops = Loop.objects.filter(run=run).exclude(path__contains="/").order_by("pk")
    return [LoopSeen(loop, None) for loop in loops]


def loops_of_item(item: LoopItem) -> list[LoopSeen]:
    """The loops that stand in an item, and in no other loop inside of it."""
    run = item.loop.run
    paths = [row.path for row in rows_of_item(item) if kinds.of(row.head).loops]
    return [LoopSeen(loop, None) for loop in Loop.objects.filter(run=run, path__in=paths).order_by("pk")]
