"""Runs in the states that wait for a person."""

from stripeflow.actions import errors
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, branch, compare, group, usd, way
from tests.workflows.events import payment


def failed(make_run, recorder, *steps, **options):
    """A run whose first step was refused."""
    run = make_run(*steps, executed=False, **options)
    recorder.then(errors.PermanentError("No."))
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    return run


def unknown(make_run, recorder, *steps, **options):
    """A run whose first step ended without an answer."""
    run = make_run(*steps, executed=False, **options)
    recorder.then(errors.UnknownOutcome("No answer came."))
    execute(run.pk)
    lose_answer(run, steps[0]["key"])
    return run


def lose_answer(run, key):
    """The latest try of that step ends without an answer."""
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.OUTCOME_UNKNOWN,
        due_at=None,
        error={"code": "timeout", "message": "No answer came.", "step": key},
    )
    run.steps.filter(superseded_at=None).update(status="outcome_unknown", may_have_acted=True)
    run.refresh_from_db()


def held(make_run, *steps, reason="object", **options):
    """A run that is held."""
    run = make_run(*steps, executed=False, **options)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.HELD, held_reason=reason)
    run.refresh_from_db()
    return run


def undecided(make_run, *later, grave, **options):
    """A run that asks a person whether the payment, which is in another currency, is large.

    Large ones are asked about (`ask`), the step `grave` is behind "All other cases".
    """
    large = group(compare("trigger.amount", "greater_than", usd(15)))
    ask = way("large", large, action("ask", text="ask"))
    run = make_run(
        branch("choose", ask, otherwise=(grave,)),
        *later,
        obj=payment(500_000, "eur"),
        executed=False,
        **options,
    )
    execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.held_reason) == (RunStatus.HELD, "undecided")
    return run
