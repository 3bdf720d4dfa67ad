"""What an action is told about the run that calls it."""

from functools import partial

from django.urls import NoReverseMatch, reverse

from actions.base import ActionContext
from triggers.account_mode import AccountMode
from triggers.models import Source
from workflows.definition.plan import ActionPlan
from workflows.limits import spending
from workflows.models import Run, StepRun


def context_of(run: Run, step: ActionPlan, record: StepRun) -> ActionContext:
    """The context of one attempt. Stripe calls act as the event's account and in its mode."""
    event = run.event
    spender = spending.Spender(run.workflow, AccountMode.of(event))
    return ActionContext(
        run_id=str(run.pk),
        workflow_name=run.workflow.name,
        step_key=step.key,
        step_name=step.name,
        idempotency_key=record.idempotency_key,
        account=event.account,
        livemode=event.livemode,
        event_id=event.external_id if event.source == Source.STRIPE else "",
        run_url=run_url(run),
        reserve=partial(spending.reserve, spender, record.idempotency_key),
    )


def run_url(run: Run) -> str:
    """The path of the run's page in the admin, or "" in a project that does not mount the admin."""
    try:
        return reverse("admin:stripeflow_workflows_run_change", args=[run.pk])
    except NoReverseMatch:
        return ""
