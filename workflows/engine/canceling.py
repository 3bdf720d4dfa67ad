"""Whether an event has come that ends the run, asked between its steps."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions.wording import worded
from stripeflow.triggers.models import Event
from stripeflow.workflows import conditions
from stripeflow.workflows.approvals import asking
from stripeflow.workflows.awaiting import looking, rows
from stripeflow.workflows.awaiting.rows import Wanted
from stripeflow.workflows.definition.plan import Plan
from stripeflow.workflows.definition.run_names import condition_names
from stripeflow.workflows.definition.same_object import SAME_OBJECTS, heading
from stripeflow.workflows.engine import children, transitions
from stripeflow.workflows.models import Awaited, Run, StepRun
from stripeflow.workflows.models.failures import Failure, failure
from stripeflow.workflows.references import Scope
from stripeflow.workflows.states import RunStatus, StepStatus

# No run lives longer.
_LONGEST = timedelta(days=3650)


class Came(NamedTuple):
    """The event that ends a run. `is_doubtful`: nobody can say whether its conditions are met."""

    event: Event
    is_doubtful: bool = False


class Canceling:
    """Looks for the events that end a run. What it looks for is committed first, as at a step that waits."""

    def __init__(self, run: Run, plan: Plan) -> None:
        self.run, self.plan = run, plan
        self._rows: list[Awaited] | None = None

    def event(self) -> Came | None:
        """The earliest event that has come and ends the run."""
        if not self.plan.cancel_when:
            return None
        if self._rows is None:
            since = self._since()
            until = since + _LONGEST
            self._rows = rows.wait_for(self.run, rows.WHOLE, self._wanted(), since=since, until=until)
        unmet = []
        for row, event in looking.come(self._rows, is_over=False):
            truth = self._judged(row.lane, event)
            if truth is conditions.Truth.MET:
                return Came(event)
            # In doubt no money is moved. A person who knows better starts the run again.
            if truth is conditions.Truth.UNKNOWN and self.plan.is_grave:
                return Came(event, is_doubtful=True)
            unmet.append((row, event))
        looking.forget(unmet)
        rows.note_look(self._rows)
        return None

    def end(self, status: RunStatus) -> None:
        """Wait for nothing more. The run ends in this state, by the same transaction if it is canceled."""
        Awaited.objects.filter(run=self.run).delete()
        if status is RunStatus.CANCELED:
            _end_all(self.run, timezone.now())

    def _judged(self, lane: str, event: Event) -> conditions.Truth:
        """What the conditions on an event say of it. They see what started the run, and none of its steps."""
        group = self.plan.cancel_asked.get(lane)
        if group is None:
            return conditions.Truth.MET
        scope = Scope({**Scope.of_event(self.run.event), "canceled_by": event.object})
        return conditions.evaluate(
            group,
            scope,
            now=timezone.now(),
            previous_attributes=self.run.event.previous_attributes,
            label_of=condition_names(self.plan),
        ).truth

    def _since(self) -> datetime:
        # A person who starts a run again knows what happened before.
        if self.run.rerun_of_id is not None:
            return self.run.created_at.replace(microsecond=0)
        return self.run.event.created

    def _wanted(self) -> list[Wanted]:
        found = []
        for one in self.plan.cancel_when:
            same = SAME_OBJECTS.get(one.same_as)
            known = same.id_in(self.run.event.object) if same else ""
            # Of no object, no event can be of the same one.
            if same is None or known:
                found.append(Wanted(one.lane, one.event_type, one.same_as, known))
        return found


def _end_all(run: Run, now: datetime) -> None:
    """End what a canceled run asked people and waited for, and the runs whose end it waited for."""
    asking.end_with_run(run, now)
    keys = children.awaited_by(run)
    # A call that may have acted was not skipped.
    waiting = StepRun.objects.filter(run=run, status=StepStatus.WAITING, may_have_acted=False)
    waiting.update(status=StepStatus.SKIPPED, finished_at=now)
    for child in children.started_by(keys) if keys else ():
        if transitions.cancel(child.pk, now=now):
            Awaited.objects.filter(run=child).delete()
            _end_all(child, now)


def reason(came: Came) -> Failure:
    """Why the run ended."""
    message = (
        _(
            "“%(event)s” came. Nobody can say whether its conditions are met. The workflow moves money or "
            "destroys something, so the run ends."
        )
        if came.is_doubtful
        else _("“%(event)s” came, which ends the run.")
    )
    return failure("canceled_by_event", worded(message, names={"event": heading(came.event.type, "")}))
