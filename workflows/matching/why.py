"""“Why did it not run?”: what each workflow made of an event, worked out again from frozen versions."""

from dataclasses import dataclass
from datetime import timedelta

from stripeflow.triggers.models import Event
from stripeflow.workflows import conditions
from stripeflow.workflows.definition.plan import plans_of
from stripeflow.workflows.limits.loops import cause_of, is_caught, is_ignored
from stripeflow.workflows.matching.starting import evaluate_trigger, latest_per_workflow
from stripeflow.workflows.models import Activation, Run, Workflow

# Where a replay starts what matching could not.
REPLAYABLE = frozenset({"before_activation", "same_second", "not_active_then"})


@dataclass(frozen=True)
class Verdict:
    """What one workflow made of the event. `reason` is stable: see `explain`.

    `activation` is the one that was on at that time, or the first one, if the event is older than it.
    `account` is the event's.
    """

    workflow: Workflow
    reason: str
    run: Run | None = None
    evaluation: conditions.Evaluation | None = None
    activation: Activation | None = None
    account: str = ""


def explain(event: Event) -> list[Verdict]:
    """A verdict for every workflow that has ever listened to this type of event.

    Reasons: `started`, `own_call` (one of our calls caused the event, see `limits.loops`),
    `caused_by_workflow` (so it did, and the version does not start on such events),
    `before_activation` (created before the first activation), `same_second` (compared with the workflows
    in the second of the activation, just before it), `not_active_then` (created outside every activation),
    a `Refusal` of the trigger's scope (`test_event`, `live_event`, `own_event`, `connected_event`,
    `unlisted_account`),
    `not_met`, `unknown` (a condition could not be decided), `not_fetched` (a thin event, of which Stripe has
    not told the object yet), `not_matched_yet` (the event waits for the
    sweep), `emptied` (its payload is gone).
    """
    intervals = list(Activation.objects.filter(event_type=event.type).select_related("workflow"))
    then = {a.workflow_id: a for a in latest_per_workflow(Activation.objects.at(event.type, event.created))}
    runs = {run.workflow_id: run for run in Run.objects.filter(event=event, rerun_of=None)}
    plans = plans_of([activation.version_id for activation in then.values()])
    cause = cause_of(event)
    first = {activation.workflow_id: activation for activation in reversed(intervals)}
    workflows = {activation.workflow_id: activation.workflow for activation in intervals}
    verdicts = []
    for pk, workflow in workflows.items():
        activation = then.get(pk)
        if pk in runs:
            verdicts.append(Verdict(workflow, "started", runs[pk], activation=activation))
        elif activation is None:
            verdicts.append(_not_active(event, workflow, first[pk]))
        elif refusal := plans[activation.version_id].scope.refusal(
            livemode=event.livemode, account=event.account
        ):
            verdicts.append(Verdict(workflow, refusal.value, activation=activation, account=event.account))
        elif is_caught(cause, pk):
            verdicts.append(Verdict(workflow, "own_call", activation=activation))
        elif is_ignored(cause, plans[activation.version_id]):
            verdicts.append(Verdict(workflow, "caused_by_workflow", activation=activation))
        elif event.pruned_at is not None:
            verdicts.append(Verdict(workflow, "emptied", activation=activation))
        elif not event.is_whole:
            verdicts.append(Verdict(workflow, "not_fetched", activation=activation))
        else:
            evaluation = evaluate_trigger(plans[activation.version_id], event)
            verdicts.append(
                Verdict(
                    workflow,
                    _reason(event, activation, evaluation),
                    evaluation=evaluation,
                    activation=activation,
                )
            )
    return verdicts


def _not_active(event: Event, workflow: Workflow, first: Activation) -> Verdict:
    if event.created < first.started_at:
        return Verdict(workflow, "before_activation", activation=first)
    return Verdict(workflow, "not_active_then")


def _reason(event: Event, activation: Activation, evaluation: conditions.Evaluation | None) -> str:
    if event.matched_at is None:
        return "not_matched_yet"
    if evaluation is None or evaluation.truth is conditions.Truth.MET:
        # An activation counts from the beginning of its second, and the event may have been faster.
        if event.matched_at < activation.started_at + timedelta(seconds=1):
            return "same_second"
        # Time-based conditions may have changed their answer since the event was matched.
        return "not_met"
    return "unknown" if evaluation.truth is conditions.Truth.UNKNOWN else "not_met"
