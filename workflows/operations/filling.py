"""Fills a period of a schedule: starts runs for its times between two dates, after a preview of each.

A time identifies its event, as if a worker had come to it. So no time runs twice by mistake, however often a
period is filled. All run on the active version.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice, takewhile

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.models import Event
from stripeflow.triggers.types.recurring_schedule.timing import Timing
from stripeflow.workflows.access.setting_off import Operation, check
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.definition.validation import moves_money
from stripeflow.workflows.matching.addressed import NotAddressable, Occurrence, external_id_of, record_for
from stripeflow.workflows.models import Run, Workflow, WorkflowVersion
from stripeflow.workflows.models.operation import OperationKind
from stripeflow.workflows.operations import replay
from stripeflow.workflows.operations.replay_outcomes import Judged
from stripeflow.workflows.schedules.held import held, last_success
from stripeflow.workflows.schedules.naming import identity_of
from stripeflow.workflows.versions.plans import plan_of

logger = logging.getLogger(__name__)

# No schedule has begun before, and the clocks of zones are not defined for the first days of a calendar.
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)

# Times of one fill; below what pauses a workflow that starts too many runs a minute.
MAX_TIMES = 500

FILLING = replay.By(Operation.FILL, OperationKind.FILL, kinds.RUN_FILLED)


class NotConfirmed(NotPossible):
    """What moves money needs a number that the person types again."""


class State(StrEnum):
    """What has become of a time so far."""

    NEW = "new"
    HAS_RUN = "has_run"
    NO_RUN = "no_run"

    @property
    def sentence(self) -> str:
        """The same, for people."""
        return str(_SENTENCES[self])


_SENTENCES: dict[State, Promise] = {
    State.NEW: gettext_lazy("Nothing has started at this time."),
    State.HAS_RUN: gettext_lazy("It has run already."),
    State.NO_RUN: gettext_lazy("It came, and started no run."),
}


@dataclass(frozen=True)
class PlannedTime:
    """One time of the schedule, and the run that it has had, if any."""

    at: datetime
    state: State
    run: Run | None = None


@dataclass(frozen=True)
class Period:
    """The times from `since` to before `until`, oldest first. `more`: later ones are in the period."""

    version: WorkflowVersion
    times: tuple[PlannedTime, ...]
    more: bool = False

    @property
    def new(self) -> tuple[PlannedTime, ...]:
        """Those that start a run if nobody chooses otherwise."""
        return tuple(one for one in self.times if one.state is not State.HAS_RUN)

    @property
    def moves_money(self) -> bool:
        """Whether the number of runs has to be typed again."""
        return moves_money(self.version.document)


@dataclass(frozen=True)
class Filled:
    """The runs that were started, and the times that were left alone, with the reason."""

    started: tuple[Run, ...]
    left: tuple[Judged, ...]


def period_of(workflow: Workflow, since: datetime, until: datetime, *, now: datetime | None = None) -> Period:
    """The times of the active version in the period, up to now. Starts nothing. Raises `NotPossible`."""
    now = now or timezone.now()
    version, timing = _timed(workflow)
    if until <= since:
        raise NotPossible(_("The period ends before it begins."))
    if since >= now:
        raise NotPossible(_("The period lies in the future. Its times start by themselves."))
    times = list(islice(_times(timing, max(since, _FIRST), min(until, now)), MAX_TIMES + 1))
    return Period(version, tuple(_planned(version, times[:MAX_TIMES])), more=len(times) > MAX_TIMES)


def fill(
    version: WorkflowVersion,
    times: Sequence[datetime],
    act: Act,
    *,
    again: Sequence[datetime] = (),
    confirmed: int | None = None,
    now: datetime | None = None,
) -> Filled:
    """Start a run for each of the times, oldest first, each in a transaction of its own.

    Of `times`, those that have run are left alone. Those of `again` run once more, unless their run was
    started after `act.seen_at`. Raises `PermissionDenied`, and `NotPossible`: as `NotConfirmed` if money
    moves, and `confirmed` is not the number of all of them.
    """
    check(act.user, Operation.FILL, [version.document])
    active, timing = _timed(version.workflow)
    if active.pk != version.pk:
        raise NotPossible(_("Another version was activated meanwhile. Look at the preview again."))
    wanted = sorted({*times, *again})
    _check(timing, wanted, now or timezone.now())
    if moves_money(version.document) and confirmed != len(wanted):
        raise NotConfirmed(
            _("This workflow moves money. To start %(number)d runs, type the number %(number)d.")
            % {"number": len(wanted)}
        )
    done = [_start(version, at, act, again=at in again) for at in wanted]
    started = tuple(one for one in done if isinstance(one, Run))
    facts = {"workflow": version.workflow_id, "version": version.number, "started": len(started)}
    logger.info("workflows.schedule.filled", extra=facts)
    return Filled(started, tuple(one for one in done if isinstance(one, Judged)))


def timing_of(workflow: Workflow) -> Timing:
    """When the active version starts by itself. Raises `NotPossible`."""
    return _timed(workflow)[1]


def _timed(workflow: Workflow) -> tuple[WorkflowVersion, Timing]:
    version = workflow.active_version
    if version is None:
        raise NotPossible(_("“%s” is not active. Activate it first.") % workflow.name)
    timing = plan_of(version.pk).trigger.timing
    if timing is None:
        raise NotPossible(_("“%s” has no schedule.") % workflow.name)
    return version, timing


def _times(timing: Timing, since: datetime, until: datetime) -> Iterator[datetime]:
    return takewhile(lambda at: at < until, timing.timetable.from_(since))


def _check(timing: Timing, times: Sequence[datetime], now: datetime) -> None:
    if not times:
        raise NotPossible(_("Choose at least one time."))
    if len(times) > MAX_TIMES:
        raise NotPossible(_("At most %d times can be filled at once.") % MAX_TIMES)
    for at in times:
        if at < _FIRST or next(timing.timetable.from_(at), None) != at:
            raise NotPossible(_("%s is not a time of the schedule.") % identity_of(at))
        if at >= now:
            raise NotPossible(_("%s has not come yet. It starts by itself.") % identity_of(at))


def _planned(version: WorkflowVersion, times: Iterable[datetime]) -> Iterator[PlannedTime]:
    names = {external_id_of(version.workflow_id, identity_of(at)): at for at in times}
    source = plan_of(version.pk).trigger.source
    events = Event.objects.filter(source=source, external_id__in=names).values_list("pk", "external_id")
    came = {name: pk for pk, name in events}
    rows = Run.objects.filter(workflow=version.workflow_id, event__in=came.values())
    # The first run of an event is no rerun.
    runs = {run.event_id: run for run in sorted(rows, key=lambda run: run.rerun_of_id is None)}
    for name, at in names.items():
        run = runs.get(came.get(name, 0))
        state = State.HAS_RUN if run else State.NO_RUN if name in came else State.NEW
        yield PlannedTime(at, state, run)


def _start(version: WorkflowVersion, at: datetime, act: Act, *, again: bool) -> Run | Judged:
    topics = plan_of(version.pk).trigger.topics_for(version.workflow_id)
    before = Event.objects.filter(type__in=topics, created__lt=at).order_by("-created")
    previous = before.values_list("created", flat=True).first()
    holds = held(at, previous=previous, succeeded=last_success(version.workflow_id, at))
    with transaction.atomic():
        try:
            recorded = record_for(version, Occurrence(identity_of(at), at, holds))
        except NotAddressable as error:
            raise NotPossible(str(error)) from error
        return replay.start_one(recorded.event, version, act, again=again, by=FILLING)
