"""“Why did it not run?”: evaluates an event again, for each workflow, on its frozen version."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format

from stripeflow.triggers.models import Event
from stripeflow.workflows import conditions
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.limits.loops import cause_of, is_caught, is_ignored
from stripeflow.workflows.matching.reasons import Reason
from stripeflow.workflows.matching.starting import evaluate_trigger, latest_per_workflow
from stripeflow.workflows.models import Activation, Run, StepRun, Workflow
from stripeflow.workflows.versions.plans import plans_of

# So many are named.
MOST_WOKEN = 100


@dataclass(frozen=True)
class Verdict:
    """Why one workflow started on the event, or did not.

    `activation` is the one of that time, or the first one if the event is older.
    `account` is the event's.
    """

    workflow: Workflow
    reason: Reason
    run: Run | None = None
    evaluation: conditions.Evaluation | None = None
    activation: Activation | None = None
    account: str = ""
    # The trigger of the version of that time, for words about an evaluation.
    trigger: TriggerPlan | None = None

    @property
    def mark(self) -> str:
        """The reason in a word or two."""
        return self.reason.mark

    @property
    def sentence(self) -> str:
        """The reason, for people."""
        at = timezone.localtime(self.activation.started_at) if self.activation else None
        return self.reason.sentence(account=self.account, at=date_format(at, "DATETIME_FORMAT") if at else "")


def woken_by(event: Event) -> list[StepRun]:
    """The steps whose wait the event ended, each with its run and workflow."""
    found = StepRun.objects.filter(woken_by=event).select_related("run__workflow")
    return list(found.defer("inputs", "outputs", "explanation")[:MOST_WOKEN])


def ended_by(event: Event) -> list[Run]:
    """The runs that the event ended, each with its workflow."""
    return list(Run.objects.filter(canceled_by=event).select_related("workflow")[:MOST_WOKEN])


def explain(event: Event) -> list[Verdict]:
    """A verdict for every workflow that has ever listened to this type of event."""
    heard = Activation.objects.filter(source=event.source, topic=event.type)
    heard = Activation.objects.filter(source=event.source, topic=event.type)
    intervals = list(heard.select_related("workflow"))
    active = Activation.objects.at(event.source, event.type, event.created)
    then = {activation.workflow_id: activation for activation in latest_per_workflow(active)}
    runs = {run.workflow_id: run for run in Run.objects.filter(event=event, rerun_of=None)}
    plans = plans_of([activation.version_id for activation in then.values()])
    cause = cause_of(event)
    first = {activation.workflow_id: activation for activation in reversed(intervals)}
    workflows = {activation.workflow_id: activation.workflow for activation in intervals}
    verdicts = []
    for pk, workflow in workflows.items():
        activation = then.get(pk)
        if pk in runs:
            verdicts.append(Verdict(workflow, Reason.STARTED, runs[pk], activation=activation))
        elif activation is None:
            verdicts.append(_not_active(event, workflow, first[pk]))
        elif refusal := plans[activation.version_id].scope.refusal(
            livemode=event.livemode, account=event.account
        ):
            verdicts.append(Verdict(workflow, Reason(refusal), activation=activation, account=event.account))
        elif is_caught(cause, pk):
            verdicts.append(Verdict(workflow, Reason.OWN_CALL, activation=activation))
        elif is_ignored(cause, plans[activation.version_id]):
            verdicts.append(Verdict(workflow, Reason.CAUSED_BY_WORKFLOW, activation=activation))
        elif event.pruned_at is not None:
            verdicts.append(Verdict(workflow, Reason.EMPTIED, activation=activation))
        elif not event.is_whole:
            verdicts.append(Verdict(workflow, Reason.NOT_FETCHED, activation=activation))
        else:
            plan = plans[activation.version_id]
            evaluation = evaluate_trigger(plan, event)
            verdicts.append(
                Verdict(
                    workflow,
                    _reason(event, activation, evaluation),
                    evaluation=evaluation,
                    activation=activation,
                    trigger=plan.trigger,
                )
            )
    return verdicts


def _not_active(event: Event, workflow: Workflow, first: Activation) -> Verdict:
    if event.created < first.started_at:
        return Verdict(workflow, Reason.BEFORE_ACTIVATION, activation=first)
    return Verdict(workflow, Reason.NOT_ACTIVE_THEN)


def _reason(event: Event, activation: Activation, evaluation: conditions.Evaluation | None) -> Reason:
    if event.matched_at is None:
        return Reason.NOT_MATCHED_YET
    if evaluation is None or evaluation.truth is conditions.Truth.MET:
        # An activation counts from the beginning of its second, so the event may have come before it.
        if event.matched_at < activation.started_at + timedelta(seconds=1):
            return Reason.SAME_SECOND
        # Conditions on the time may have another result now than when the event was matched.
        return Reason.NOT_MET
    return Reason.UNKNOWN if evaluation.truth is conditions.Truth.UNKNOWN else Reason.NOT_MET
