"""A person's retry of a loop: its failed items have their turn again; what is done is not repeated."""

from itertools import islice

from django.utils import timezone

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.plan import BlockPlan, StepPlan, steps_of
from stripeflow.workflows.engine.loop_items import failed_again, loop_of
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.states import ItemStatus, StepStatus

# How many paths one statement names.
_PATHS = 400


def take_failed_again(run: Run, plan: BlockPlan, path: str) -> None:
    """Open the next group of each step at which an item of the loop failed, and of the loops inside."""
    loop = loop_of(run, path)
    if loop is None:
        return
    steps = tuple(step for lane in plan.lanes for step in steps_of(lane.steps))
    failed = loop.items.filter(status=ItemStatus.FAILED).order_by("number")
    prefixes = (loop.prefix_of(key) for key in failed.values_list("key", flat=True).iterator(chunk_size=500))
    size = max(1, _PATHS // max(1, len(steps)))
    while some := list(islice(prefixes, size)):
        _take_again(run, some, steps)
    failed_again(loop)


def _take_again(run: Run, prefixes: list[str], steps: tuple[StepPlan, ...]) -> None:
    by_path = {prefix + step.key: step for prefix in prefixes for step in steps}
    # One that was handled did not end its item.
    failed = StepRun.objects.filter(
        run=run, path__in=by_path, status=StepStatus.FAILED, superseded_at=None, handled=False
    )
    inner = [(path, by_path[path]) for path in failed.values_list("path", flat=True)]
    failed.update(superseded_at=timezone.now())
    for path, step in inner:
        kinds.of(step.head).retried(run, step, path)
