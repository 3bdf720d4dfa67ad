"""An undecided run for a terminal: what its conditions saw, and how to choose the branch."""

from collections.abc import Iterator

from stripeflow.workflows.display.explained import Explained
from stripeflow.workflows.history.page import RunPage
from stripeflow.workflows.history.undecided import Option, undecided_of
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations.resolving import mark_of


def undecided_lines(run: Run) -> Iterator[str]:
    """The lines for an undecided run; the first one begins with its ID:REVISION. None for all others.

    Who may use the command line may read the payloads too.
    """
    undecided = undecided_of(RunPage(run, payloads=True))
    if undecided is None:
        return
    yield f"{mark_of(run)}  {run.workflow.name} ({run.version}), {run.event.external_id}"
    yield f"  Step     {undecided.title}"
    for option in undecided.options:
        yield from _option(run, option)


def _option(run: Run, option: Option) -> Iterator[str]:
    grave = " (cannot be undone)" if option.is_grave else ""
    yield f"  Branch   {option.title}{grave}"
    yield from (f"    {line}" for line in _seen(option.lines))
    yield f"    stripeflow_run choose {mark_of(run)} --branch {option.key}"


def _seen(lines: tuple[Explained, ...], depth: int = 0) -> Iterator[str]:
    for line in lines:
        yield f"{'  ' * depth}{line.mark}: {line.text}"
        yield from _seen(line.children, depth + 1)
