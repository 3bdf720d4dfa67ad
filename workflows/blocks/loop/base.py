"""What steps share that run their lane once for each item of a list.

The list is frozen before its items run: each page is recorded with the ids of its items, and never read
again. So a resumed run finds what is done, also where what the steps do has changed the list at Stripe.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.base import OutputField, Outputs
from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import ChoiceInput, IntegerInput, StringInput
from stripeflow.actions.inputs.base import InputField
from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows import conf
from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.blocks.loop.again import take_failed_again
from stripeflow.workflows.blocks.loop.identity import MAX_KEY, id_of, identified, key_of
from stripeflow.workflows.blocks.loop.rehearsing import rehearse_loop
from stripeflow.workflows.blocks.loop.rules import (
    DEFAULT_MAX_ITEMS,
    MOST_AT_ONCE,
    AtLimit,
    IfItemFails,
    Rules,
    Tally,
    items_at_once,
    limit_reached,
)
from stripeflow.workflows.blocks.loop.summary import summary_of
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.kinds import NewLane
from stripeflow.workflows.definition.lane import Json, Lane
from stripeflow.workflows.definition.lanes import lanes, steps_in
from stripeflow.workflows.definition.plan import BlockPlan, steps_of
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.run_names import value_names
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Enter, Item, Next, Stop
from stripeflow.workflows.engine.loop_items import ItemsPage, Rounds, add_page, begin, loop_of
from stripeflow.workflows.engine.recording import Stopped
from stripeflow.workflows.engine.rendering import InputsError, rendered_inputs
from stripeflow.workflows.engine.several_items import SeveralItems
from stripeflow.workflows.engine.transitions import end_step, record_step
from stripeflow.workflows.models import Loop, LoopItem, Run, StepRun
from stripeflow.workflows.models.failures import Failure, failure
from stripeflow.workflows.models.step_run import MAX_PATH
from stripeflow.workflows.rehearsal.results import StepResult
from stripeflow.workflows.rehearsal.walking import Walk
from stripeflow.workflows.states import ItemStatus, RunStatus, StepStatus

BODY = "body"
# As many characters as the number has that tells apart how often the steps for a failure ran.
MAX_ROUND = 10
# How many failed items an error names.
_NAMED = 3

RULES: tuple[InputField, ...] = (
    ChoiceInput(
        "if_item_fails",
        label=gettext_lazy("If an item fails"),
        required=True,
        default=IfItemFails.STOP.value,
        choices=(
            (IfItemFails.STOP.value, gettext_lazy("Stop the loop, and fail")),
            (IfItemFails.FAIL_AT_END.value, gettext_lazy("Go on with the others, and fail at the end")),
            (IfItemFails.GO_ON.value, gettext_lazy("Go on")),
        ),
    ),
    IntegerInput(
        "most_failed",
        label=gettext_lazy("Failed items that are tolerated"),
        help_text=gettext_lazy("The loop fails only if more items have failed."),
        advanced=True,
        minimum=0,
        references=False,
    ),
    IntegerInput(
        "most_failed_percent",
        label=gettext_lazy("The same in percent of all items"),
        advanced=True,
        minimum=0,
        maximum=100,
        references=False,
    ),
    IntegerInput(
        "max_items",
        label=gettext_lazy("At most this many items"),
        required=True,
        default=DEFAULT_MAX_ITEMS,
        advanced=True,
        minimum=1,
        references=False,
    ),
    ChoiceInput(
        "at_limit",
        label=gettext_lazy("If the list has more items"),
        required=True,
        default=AtLimit.FAIL.value,
        advanced=True,
        choices=(
            (AtLimit.FAIL.value, gettext_lazy("Fail")),
            (AtLimit.TAKE_FIRST.value, gettext_lazy("Take the first ones, and say so")),
        ),
    ),
    IntegerInput(
        "parallel",
        label=gettext_lazy("Items at once"),
        help_text=gettext_lazy(
            "Up to so many items run at the same time. More than 1 needs steps that can be repeated safely."
        ),
        default=1,
        advanced=True,
        minimum=1,
        maximum=MOST_AT_ONCE,
        references=False,
    ),
    StringInput(
        "sum_of",
        label=gettext_lazy("Add up this field"),
        help_text=gettext_lazy(
            "Of each item that succeeds, such as amount. Items of two currencies have no sum."
        ),
        advanced=True,
        references=False,
        max_length=200,
    ),
)
OUTPUTS = Outputs(
    fields=(
        OutputField("count", gettext_lazy("Number of items"), "integer"),
        OutputField("succeeded", gettext_lazy("Items that succeeded"), "integer"),
        OutputField("failed", gettext_lazy("Items that failed"), "integer"),
        OutputField("duplicates", gettext_lazy("Items left out as duplicates"), "integer"),
        OutputField("is_cut", gettext_lazy("The list had more items"), "boolean"),
        OutputField("sum", gettext_lazy("Sum"), "money", currency="currency"),
        OutputField("currency", gettext_lazy("Currency of the sum"), "string"),
        OutputField("first", gettext_lazy("First item"), "object"),
        OutputField("last", gettext_lazy("Last item"), "object"),
        OutputField("items", gettext_lazy("What each item gave"), "list"),
    )
)


@dataclass(frozen=True)
class Read:
    """What was read of a list. `cursor` is what the next page starts after, "" where there is none."""

    values: Sequence[Any]
    cursor: str = ""


class NotRead(Exception):
    """The list cannot be read, and the step fails with this error."""

    def __init__(self, error: Failure) -> None:
        super().__init__(error["message"])
        self.error = error


class LoopingBlock(DeclaredBlock):
    """A step whose lane runs once for each item of a list: one after the other, or up to N at once."""

    icon = "loop"
    new_lanes = (NewLane(BODY, gettext_lazy("For each item")),)
    outputs = OUTPUTS
    loops = True
    waiting_label = gettext_lazy("In progress")

    # What each loop of the kind takes besides its list.
    rules: ClassVar[tuple[InputField, ...]] = RULES

    @abstractmethod
    def known_list(self, plan: BlockPlan, turn: Turn, inputs: Json) -> Read | None:
        """The list that the run knows already; None if it is read page by page. Raises `NotRead`."""

    def page_behind(self, plan: BlockPlan, turn: Turn, rounds: Rounds, *, most: int) -> Read:
        """The page of the list behind the loop's cursor; the first one for "". It has at most `most` items.

        Raises `NotRead`, `Stopped` where it is to be read later, and `LostLease`.
        """
        raise NotImplementedError

    def expected(self, plan: BlockPlan, walk: Walk, inputs: Json) -> tuple[Sequence[Any] | None, str]:
        """The list that a dry run knows; None, and why in a sentence, if it cannot know it."""
        return None, _("The step would read its list from Stripe: not evaluated.")

    def kept_inputs(self, inputs: Json) -> Json:
        """Those of the cleaned inputs that are recorded. The list itself is recorded item by item."""
        return inputs

    # The document

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        at_once = items_at_once(step.get("inputs", {}))
        own = _("For each item, up to %d at once") % at_once if at_once > 1 else ""
        # Inside, nothing is known yet of how the loop ends.
        return tuple(
            Lane(one.key, one.role, one.own.get("name") or own or one.label, one.path, one.own)
            for one in super().lanes(step)
        )

    def problems(self, check: StepCheck) -> Iterator[Problem]:
        yield from super().problems(check)
        if not any(lane.steps for lane in self.lanes(check.step)):
            message = _("“For each item” has no steps. Move into it what is done for each item.")
            yield check.problem("branches", "empty_lane", message, branch=BODY)
        if _longest_path(check) > MAX_PATH:
            message = _("The loop lies too deep inside other loops. Make its steps a workflow of their own.")
            yield check.problem("", "loop_too_deep", message)

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        most = conf.get("LOOP_MAX_ITEMS")
        if check.step["inputs"].get("max_items", 0) > most:
            message = _("A loop takes at most %d items here: see the setting LOOP_MAX_ITEMS.") % most
            yield check.problem("inputs/max_items", "too_many_items", message, field="max_items")
        if items_at_once(check.step["inputs"]) > 1:
            for message in self._not_at_once(check.step):
                yield check.problem("inputs/parallel", "not_at_once", message, field="parallel")

    def _not_at_once(self, step: Json) -> Iterator[str]:
        """Why the items cannot run at once: a sentence for each step that forbids it."""
        for inside in steps_in(own for lane in self.lanes(step) for own in lane.steps):
            block = kinds.of(inside)
            if block.is_missing(inside):
                continue  # said at the step itself
            if not block.may_run_at_once:
                message = _(
                    "“%(step)s” cannot run for several items at once: only actions, branches, notes and "
                    "steps that calculate can. Set “Items at once” to 1, or move the step out of the loop."
                )
            elif not block.is_repeatable(inside):
                message = _(
                    "“%(step)s” cannot run for several items at once: if a worker ends while it is under "
                    "way, it could happen twice. Set “Items at once” to 1, or choose another action."
                )
            else:
                continue
            yield message % {"step": step_title(inside)}

    # The run

    def run(self, plan: BlockPlan, turn: Turn) -> Answer:
        record = turn.record if turn.record is not None and turn.record.superseded_at is None else None
        if record is not None and record.state.is_recorded:
            return self._again(plan, turn, record)
        try:
            rounds = turn.frame.kept or self._begun(plan, turn, record)
            if Rules.of(rounds.record.inputs or {}).at_once > 1:
                return self._at_once(plan, turn, rounds)
            return self._next(plan, turn, rounds)
        except _Failed as failed:
            return Stop(RunStatus.FAILED, failed.error)

    def _again(self, plan: BlockPlan, turn: Turn, record: StepRun) -> Answer:
        if record.status == StepStatus.FAILED:
            return Stop(RunStatus.FAILED, record.error)
        turn.give(record.outputs)
        return Next()

    def _begun(self, plan: BlockPlan, turn: Turn, record: StepRun | None) -> Rounds:
        """The rounds of this claim, of a list that is frozen by now. Raises `_Failed`."""
        turn.walk.make_room(plan)
        loop = loop_of(turn.walk.run, turn.path)
        if record is None and loop is not None:
            # A person's retry opens the next group, and the list stays.
            record = self._new(turn, self._last_inputs(turn), StepStatus.WAITING)
            record_step(turn.walk.claim, record)
        elif record is None or loop is None:
            record, loop = self._frozen(plan, turn)
        turn.keep(record)
        turn.frame.kept = Rounds(turn.walk.claim, record, loop)
        return turn.frame.kept

    def _last_inputs(self, turn: Turn) -> Json:
        return (turn.record.inputs if turn.record else None) or {}

    def _frozen(self, plan: BlockPlan, turn: Turn) -> tuple[StepRun, Loop]:
        """Record the step, and the list as far as the run knows it. Raises `_Failed`."""
        try:
            inputs = self._inputs(plan, turn)
            kept, known = self.kept_inputs(inputs), self.known_list(plan, turn, inputs)
            rules = Rules.of(kept)
            page = None if known is None else _page(None, known, rules, begun=0)
        except NotRead as error:
            raise self._failed_at_once(turn, error.error) from error
        record = self._new(
            turn, kept, StepStatus.WAITING, branch_key=BODY if page is None or page.items else ""
        )
        return record, begin(turn.walk.claim, record, page)

    def _inputs(self, plan: BlockPlan, turn: Turn) -> Json:
        names = value_names(turn.walk.plan)
        try:
            rendered = rendered_inputs(self._declaration, plan.inputs, turn.scope, name_of=names)
            return self._declaration.clean(rendered)
        except InputsError as error:
            raise NotRead(error.to_json()) from error
        except InvalidInput as error:
            raise NotRead(failure(error.code, str(error), details=error.details)) from error

    def _failed_at_once(self, turn: Turn, error: Failure) -> "_Failed":
        record = self._new(turn, {}, StepStatus.FAILED, error=sanitize(error), finished_at=timezone.now())
        record_step(turn.walk.claim, record)
        return _Failed(error)

    def _new(self, turn: Turn, inputs: Json, status: StepStatus, **columns: Any) -> StepRun:
        group = turn.record.group + 1 if turn.record is not None else 1
        given = {"inputs": sanitize(inputs), "status": status, "started_at": timezone.now(), "group": group}
        return turn.new_record(**given, **columns)

    def _next(self, plan: BlockPlan, turn: Turn, rounds: Rounds) -> Answer:
        """Write how the item ended whose steps ran last, and begin the next one. Raises `_Failed`."""
        rounds.end(turn.frame.item_error)
        rules = Rules.of(rounds.record.inputs or {})
        tally = Tally(rounds.failed, rounds.loop.count, rounds.loop.is_complete)
        if rules.stops(tally):
            raise self._end_failed(rounds, rules, tally)
        # A page is read before the last item of the one before it begins, which may delete what it is behind.
        while rounds.pending < 2 and not rounds.loop.is_complete:
            turn.walk.make_room(plan)
            self._read_on(plan, turn, rounds, rules)
        item = rounds.take()
        if item is None:
            tally = Tally(rounds.failed, rounds.loop.count)
            if rules.is_over(tally):
                raise self._end_failed(rounds, rules, tally)
            return self._end(plan, turn, rounds)
        turn.walk.make_room(plan)
        return Enter(plan.lane(BODY), Item(item.number, item.value, item.key), again=True)

    def _at_once(self, plan: BlockPlan, turn: Turn, rounds: Rounds) -> Answer:
        """Run all items, up to so many at once. Raises `_Failed`, `Stopped` and `LostLease`.

        What ends the loop ends no item: those under way are finished first, also by another worker.
        """
        rules, not_read = Rules.of(rounds.record.inputs or {}), None
        rounds.find_begun()
        with SeveralItems(turn, rounds, plan.lane(BODY), _places(plan, rules)) as items:
            while True:
                while items.has_room and not_read is None:
                    try:
                        item = rounds.take_begun() or self._further(plan, turn, rounds, items)
                    except Stopped as why:
                        items.stop(why)
                        break
                    except NotRead as error:
                        not_read = error
                        break
                    if item is None:
                        break
                    items.begin(item)
                if not items.is_busy:
                    break
                items.wait()
            items.check()
        if not_read is not None:
            raise self._end_with(rounds, not_read.error) from not_read
        tally = Tally(rounds.failed, rounds.loop.count, rounds.loop.is_complete)
        if rules.stops(tally) or rules.is_over(tally):
            raise self._end_failed(rounds, rules, tally)
        return self._end(plan, turn, rounds)

    def _further(self, plan: BlockPlan, turn: Turn, rounds: Rounds, items: SeveralItems) -> LoopItem | None:
        """The next item that may begin. Raises `Stopped` and `NotRead`."""
        rules = Rules.of(rounds.record.inputs or {})
        if items.is_stopped or rules.stops(Tally(rounds.failed, rounds.loop.count, rounds.loop.is_complete)):
            return None
        turn.walk.make_room(plan)
        # As with one item after the other: an item may delete what the next page is behind.
        while rounds.unbegun < 2 and not rounds.loop.is_complete:
            turn.walk.make_room(plan)
            self._freeze(plan, turn, rounds, rules)
        return rounds.take_beside()

    def _read_on(self, plan: BlockPlan, turn: Turn, rounds: Rounds, rules: Rules) -> None:
        """Freeze the next page of the list. Raises `_Failed`."""
        try:
            self._freeze(plan, turn, rounds, rules)
        except NotRead as error:
            raise self._end_with(rounds, error.error) from error

    def _freeze(self, plan: BlockPlan, turn: Turn, rounds: Rounds, rules: Rules) -> None:
        """The same. Raises `NotRead`."""
        loop = rounds.loop
        read = self.page_behind(plan, turn, rounds, most=rules.max_items - loop.count)
        page = _page(loop, read, rules, begun=loop.count - rounds.unbegun)
        add_page(turn.walk.claim, loop, page)
        rounds.note_page(page)

    def _end(self, plan: BlockPlan, turn: Turn, rounds: Rounds) -> Answer:
        outputs = summary_of(rounds, plan.lane(BODY).steps)
        columns = {"outputs": sanitize(outputs), "error": None, "finished_at": timezone.now()}
        end_step(turn.walk.claim, rounds.record, StepStatus.SUCCEEDED, **columns)
        turn.give(rounds.record.outputs)
        return Next()

    def _end_failed(self, rounds: Rounds, rules: Rules, tally: Tally) -> "_Failed":
        failed = rounds.loop.items.filter(status=ItemStatus.FAILED).order_by("number")[:_NAMED]
        named = [{"number": one.number, "key": one.key, "object_id": one.object_id} for one in failed]
        return self._end_with(rounds, rules.too_many_failed(tally, first=named))

    def _end_with(self, rounds: Rounds, error: Failure) -> "_Failed":
        columns = {"error": sanitize(error), "finished_at": timezone.now()}
        end_step(rounds.claim, rounds.record, StepStatus.FAILED, **columns)
        return _Failed(error)

    def retried(self, run: Run, plan: BlockPlan, path: str) -> None:
        take_failed_again(run, plan, path)

    # Before it runs

    def rehearse(self, step: BlockPlan, walk: Walk) -> StepResult:
        return rehearse_loop(self, step, walk)


def _places(plan: BlockPlan, rules: Rules) -> int:
    """How many items may be under way: one, where an action must not run beside itself."""
    heads = (step.head for lane in plan.lanes for step in steps_of(lane.steps))
    actions = (kinds.of(head).declared(head) for head in heads)
    return rules.at_once if all(action is None or action.thread_safe for action in actions) else 1


class _Failed(Exception):
    """The loop has failed, and its row says so."""

    def __init__(self, error: Failure) -> None:
        super().__init__(error["code"])
        self.error = error


def _page(loop: Loop | None, read: Read, rules: Rules, *, begun: int) -> ItemsPage:
    """What is frozen of what was read: no id twice, no more items than the step takes.

    `begun` is how many items have run. Raises `NotRead`.
    """
    count = loop.count if loop else 0
    found = list(identified(read.values, first=count, known=_known_keys(loop, read.values)))
    duplicates, room = len(read.values) - len(found), rules.max_items - count
    is_cut = len(found) > room or (len(found) == room and bool(read.cursor))
    if is_cut and rules.at_limit is AtLimit.FAIL:
        is_all = not count and not read.cursor
        total = len(found) if is_all else None
        raise NotRead(limit_reached(limit=rules.max_items, count=total, begun=begun))
    items = [
        LoopItem(number=one.number, key=one.key, object_id=one.object_id, value=one.value)
        for one in islice(found, room)
    ]
    return ItemsPage(items, "" if is_cut else read.cursor, duplicates, is_cut or not read.cursor, is_cut)


def _known_keys(loop: Loop | None, values: Sequence[Any]) -> frozenset[str]:
    """The keys of these values that the list has already."""
    if loop is None or not loop.count:
        return frozenset()
    keys = [key_of(id_of(value), 0) for value in values if id_of(value)]
    return frozenset(loop.items.filter(key__in=keys).values_list("key", flat=True))


def _longest_path(check: StepCheck) -> int:
    """How many characters the longest path of a step in the loop may have."""
    outer = sum(_prefix_length(step) for step, _lane in check.place.inside)
    return outer + _longest(check.step)


def _prefix_length(step: Json) -> int:
    """How many characters the step may add to the paths of those inside it."""
    if kinds.of(step).runs_on_failure:
        return len(step["key"]) + MAX_ROUND + 2
    return len(step["key"]) + MAX_KEY + 2 if _loops(step) else 0


def _longest(step: Json) -> int:
    inside = max(chain([0], (_longest(one) for lane in lanes(step) for one in lane.steps)))
    if not _loops(step):
        return max(len(step["key"]), inside)
    return len(step["key"]) + MAX_KEY + 2 + inside


def _loops(step: Json) -> bool:
    return kinds.of(step).loops
