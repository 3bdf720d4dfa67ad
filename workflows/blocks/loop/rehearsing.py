"""The dry run of a loop: its steps are walked for each item, as far as its list is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stripeflow.workflows.blocks.loop.identity import identified
from stripeflow.workflows.blocks.loop.rules import AtLimit, Rules, Tally, limit_reached
from stripeflow.workflows.blocks.loop.summary import sum_of
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import BlockPlan, LanePlan
from stripeflow.workflows.models.failures import Failure
from stripeflow.workflows.rehearsal.calls import rendered
from stripeflow.workflows.rehearsal.results import End, Fault, LaneResult, State, StepResult, WayState
from stripeflow.workflows.rehearsal.samples import Origin, Sampled
from stripeflow.workflows.rehearsal.walking import Walk, not_walked, not_walked_lane

if TYPE_CHECKING:
    from stripeflow.workflows.blocks.loop.base import LoopingBlock

# How many items are walked; a back-test does so for each event.
MOST_WALKED = 100


def rehearse_loop(block: "LoopingBlock", step: BlockPlan, walk: Walk) -> StepResult:
    """What the loop would do for each item; for a list that is not known, what it may do."""
    result = rendered(walk, step, block._declaration)
    if result.faults:
        return _failed(walk, result)
    if result.unknown_inputs:
        return _open(walk, step, result, _("The list depends on what an earlier step gives: not evaluated."))
    inputs = block._declaration.clean(result.inputs)
    values, why = block.expected(step, walk, inputs)
    if values is None:
        return _open(walk, step, result, why)
    result = replace(result, inputs=block.kept_inputs(result.inputs))
    found, rules = list(identified(values)), Rules.of(inputs)
    if len(found) > rules.max_items and rules.at_limit is AtLimit.FAIL:
        return _failed(walk, result, limit_reached(count=len(found), limit=rules.max_items))
    items = [one.value for one in found[: rules.max_items]]
    result = replace(result, note=_sentence(len(items), rules.at_once))
    return _walked(step, walk, result, items, rules, inputs)


@dataclass
class _Counts:
    """How the items walked so far would end."""

    succeeded: list[Any]
    failed: int = 0
    is_open: bool = False


def _walked(
    step: BlockPlan, walk: Walk, result: StepResult, items: Sequence[Any], rules: Rules, inputs: Json
) -> StepResult:
    lane, found, counts = step.lanes[0], [], _Counts([])
    for item in items[:MOST_WALKED]:
        found.append(_item(lane, walk, item, counts))
        if walk.beyond is not None or rules.stops(Tally(counts.failed, len(items))):
            break
    lanes = tuple(found) or (LaneResult(lane.key, lane.role, WayState.NOT_TAKEN, not_walked(lane.steps)),)
    result = replace(result, lanes=lanes)
    if walk.beyond is not None:
        return result
    tally = Tally(counts.failed, len(items))
    if rules.is_over(tally):
        return _failed(walk, result, rules.too_many_failed(tally, first=[]))
    if counts.is_open or len(items) > MOST_WALKED:
        walk.unknown_steps.add(step.key)
        return result
    return _with_outputs(step, walk, result, items, counts, inputs)


def _item(lane: LanePlan, walk: Walk, value: Any, counts: _Counts) -> LaneResult:
    outside, end = walk.scope, walk.end
    walk.scope = outside.with_item(value)
    steps = walk.steps(lane.steps)
    walk.scope = outside
    is_left = walk.beyond is not None
    if is_left and walk.end is End.FAILED and not _ended_run(steps):
        # A failure inside ends the item; the loop decides what follows.
        walk.end, walk.beyond = end, None
        counts.failed += 1
    else:
        counts.succeeded.append(value)
    counts.is_open = counts.is_open or walk.end is End.OPEN
    return LaneResult(lane.key, lane.role, WayState.TAKEN, steps)


def _ended_run(steps: Sequence[StepResult]) -> bool:
    """Whether the run would end with one of these steps, since the step says so."""
    from stripeflow.workflows.definition import kinds

    return any(
        (step.state is State.WOULD_RUN and kinds.of(step.head).ends_run)
        or any(_ended_run(lane.steps) for lane in step.lanes)
        for step in steps
    )


def _with_outputs(
    step: BlockPlan, walk: Walk, result: StepResult, items: Sequence[Any], counts: _Counts, inputs: Json
) -> StepResult:
    """The result with what later steps would know of the loop. What each item gives is not among it."""
    outputs = {
        "count": len(items),
        "succeeded": len(counts.succeeded),
        "failed": counts.failed,
        "first": items[0] if items else None,
        "last": items[-1] if items else None,
        **sum_of(iter(counts.succeeded), inputs.get("sum_of") or ""),
    }
    walk.scope.note(step.key, outputs)
    is_made_up = bool(result.depends_on) or walk.given.is_sample
    if is_made_up:
        walk.made_up.add(step.key)
    return replace(result, outputs=Sampled(outputs, Origin.SAMPLE if is_made_up else Origin.EVENT))


def _open(walk: Walk, step: BlockPlan, result: StepResult, why: str) -> StepResult:
    """The result of a loop whose list nobody knows yet."""
    walk.unknown_steps.add(step.key)
    walk.leave_open()
    lanes = tuple(not_walked_lane(lane, State.POSSIBLE) for lane in step.lanes)
    return replace(result, lanes=lanes, note=why)


def _failed(walk: Walk, result: StepResult, error: Failure | None = None) -> StepResult:
    walk.end, walk.beyond = End.FAILED, State.NOT_REACHED
    if error is None:
        return result
    fault = Fault(error["code"], str(error["message"]))
    return replace(result, state=State.WOULD_FAIL, faults=(fault,))


def _sentence(count: int, at_once: int) -> str:
    if not count:
        return _("The list is empty, so nothing would be done.")
    said = [ngettext("The list has %d item.", "The list has %d items.", count) % count]
    if min(count, at_once) > 1:
        said.append(_("Up to %d run at once.") % at_once)
    if count > MOST_WALKED:
        said.append(_("The first %d are walked here.") % MOST_WALKED)
    return " ".join(said)
