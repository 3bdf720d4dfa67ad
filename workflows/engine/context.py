"""What an action knows about the run that calls it."""

from stripeflow.actions.base import ActionContext
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.models import Source
from stripeflow.workflows.definition.plan import ActionPlan
from stripeflow.workflows.display.admin_links import run_url
from stripeflow.workflows.engine.approved_share import ApprovedShare
from stripeflow.workflows.limits import spending
from stripeflow.workflows.models import Run, StepRun


def context_of(run: Run, step: ActionPlan, record: StepRun) -> ActionContext:
    """The context of one attempt. Stripe calls are in the event's mode, and as `account_of` says."""
    event, account = run.event, account_of(run, step)
    spender = spending.Spender(run.workflow, AccountMode(event.livemode, account))
    share = ApprovedShare(spender, record.idempotency_key, run=run, step=step, record=record)
    return ActionContext(
        run_id=str(run.pk),
        workflow_name=run.workflow.name,
        step_key=record.path,
        step_name=step.name,
        idempotency_key=record.idempotency_key,
        account=account,
        livemode=event.livemode,
        event_id=event.external_id if event.source == Source.STRIPE else "",
        run_url=run_url(run),
        since=event.created.timestamp(),
        step_id=f"{run.workflow_id}:{step.key}",
        written=step.inputs,
        reserve=share,
        waive=share.waive,
    )


def account_of(run: Run, step: ActionPlan) -> str:
    """The account that a step acts in: the event's, or "" for our own where the step says so."""
    return "" if step.as_platform else run.event.account
