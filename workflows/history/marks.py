"""The marks of a run on the canvas of its version."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.display.marks import Mark, Marks, Note, value_notes
from stripeflow.workflows.display.values import moment
from stripeflow.workflows.history.path import NOT_REACHED, TO_COME, Path, StepSeen, WaySeen
from stripeflow.workflows.models import Run

# How many of its inputs a card has room for.
_VALUES = 2
_WAYS: dict[str, Promise] = {
    "taken": _("Taken"),
    "not_taken": _("Not taken"),
    "not_needed": _("Not evaluated"),
    "open": _("Still to come"),
    "asked": _("To be chosen"),
}


def run_marks(run: Run, path: Path, object_label: str) -> Marks:
    """What each card of the run's version did. Values are on it for people who may see them."""
    is_over = run.state.is_final
    of_object = (Note(run.object_id, object_label),) if run.object_id else ()
    return Marks(
        trigger=Mark("met", _now("Started"), of_object, anchor="trigger"),
        steps={key: _step(key, seen) for key, seen in path.steps.items()},
        ways={(key, branch): _way(key, seen) for (key, branch), seen in path.ways.items()},
        others=Mark(NOT_REACHED if is_over else TO_COME, _now("Not reached") if is_over else ""),
        step_details=path.steps,
        way_details=path.ways,
    )


def _step(key: str, seen: StepSeen) -> Mark:
    # That a choice succeeded says nothing: its branches tell which one was taken.
    label = "" if seen.chooses and seen.status == "succeeded" else seen.status_label
    return Mark(
        seen.status, label, tuple(_notes(seen)), anchor=f"step-{key}", aside=_duration(seen) if label else ""
    )


def _duration(seen: StepSeen) -> str:
    latest = seen.latest
    if latest is None:
        return ""
    attempts = _now("%d attempts") % latest.attempts if latest.attempts > 1 else ""
    return " · ".join(filter(None, [latest.duration, attempts]))


def _notes(seen: StepSeen) -> Iterator[Note]:
    latest = seen.latest
    if latest is None or seen.chooses:
        return
    if latest.error:
        yield Note(latest.error.get("message", ""), tone=latest.status)
    if latest.due_at is not None and latest.is_waiting:
        yield Note(_now("Until %s") % moment(int(latest.due_at.timestamp())), tone=latest.status)
    yield from value_notes(latest.inputs, _VALUES)


def _way(step: str, seen: WaySeen) -> Mark:
    state = TO_COME if seen.state in ("open", "asked") else seen.state
    label = _now("Chosen by %s") % seen.chosen_by if seen.chosen_by else str(_WAYS[seen.state])
    return Mark(state, label, anchor=f"step-{step}")
