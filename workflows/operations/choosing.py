"""Undecided runs: the branches that a person may choose from, and choosing for many runs at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import Lane, Role, lanes
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.undecided import is_grave
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.display.words import condition_sentence
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.operations import verbs
from stripeflow.workflows.operations.on_runs import undecided_step
from stripeflow.workflows.operations.verbs import Result


@dataclass(frozen=True)
class Way:
    """One branch to choose, as people know it. `is_grave`: what it does cannot be undone."""

    key: str
    title: str
    is_grave: bool


@dataclass(frozen=True)
class Choice:
    """The question of an undecided run: which of `ways` to take at the step `record`."""

    record: StepRun
    title: str
    ways: tuple[Way, ...]


def choice_of(run: Run) -> Choice | None:
    """The question of the run, or None if it is not undecided."""
    record = undecided_step(run)
    if record is None:
        return None
    document, key = run.version.document, record.step_key
    return Choice(record, title_in(document, key), ways_of(document, key))


def ways_of(document: Json, key: str) -> tuple[Way, ...]:
    """The branches of the step of this key."""
    place = next(place for place in steps(document) if place.step["key"] == key)
    known = Known.at(TriggerPlan.of(document["trigger"]), place)
    return tuple(Way(lane.key, _title(lane, known), is_grave(lane.steps)) for lane in lanes(place.step))


def choose_each(seen: Mapping[UUID, int], branch: str, act: Act) -> Iterator[Result]:
    """Choose the branch for each of the runs, independently; `seen` has the revision of each."""
    found = Run.objects.select_related("workflow", "version").in_bulk(list(seen))
    for one, revision in seen.items():
        run = found.get(one)
        if run is None:
            yield Result(one, code="not_found", message=_("There is no run %s.") % one)
        else:
            yield _chosen(run, branch, act, revision)


def _chosen(run: Run, branch: str, act: Act, revision: int) -> Result:
    try:
        return Result(run.pk, verbs.choose(run, branch, act, revision=revision))
    except (NotPossible, PermissionDenied) as error:
        return Result.refused(run.pk, error)


def _title(lane: Lane, known: Known) -> str:
    if lane.role is not Role.CONDITION:
        return lane.label
    return lane.own.get("name") or _("If %s") % condition_sentence(lane.own.get("conditions"), known)
