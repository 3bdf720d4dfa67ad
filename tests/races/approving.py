"""People who decide on one approval at once: against each other, twice, and in the moment of a cancel."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from stripeflow.workflows.audit.acts import NOBODY, Act, NotPossible
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Approval, Decision, Run, StepRun, Workflow
from stripeflow.workflows.models.approval import Verdict
from stripeflow.workflows.operations import deciding, lifecycle, on_runs
from tests.crashes.outside import Door, Outside
from tests.races.crowd import at_once
from tests.workflows.approvals import approval
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

PEOPLE = 8
# What refuses somebody who comes too late.
_LATE = (NotPossible, PermissionDenied)


def people_against_each_other(rounds: int) -> list[str]:
    return [fault for _ in range(rounds) for fault in _against_each_other()]


def people_while_the_run_is_canceled(rounds: int) -> list[str]:
    return [fault for _ in range(rounds) for fault in _while_canceled()]


def _against_each_other() -> list[str]:
    """Half of them approve, half decline, and one does it twice: one decision ends it, and the run obeys."""
    users, (workflow, run, outside) = _people(), _asked()
    verdicts = [Verdict.APPROVE if number % 2 else Verdict.DECLINE for number in range(PEOPLE)]
    pairs = [*zip(users, verdicts, strict=True), (users[0], Verdict.APPROVE)]
    results = at_once(*[lambda pair=pair: _decide(run, *pair) for pair in pairs])
    found, decisions = Approval.objects.get(run=run), list(Decision.objects.filter(approval__run=run))
    execute(run.pk)
    faults = _unexpected(results)
    if len(decisions) != 1:
        faults.append(f"{len(decisions)} decisions ended one approval")
    wanted = {"approve": ("approved", 1), "decline": ("declined", 0)}[decisions[0].verdict]
    if (found.status, sum(outside.effects.values())) != wanted:
        faults.append(
            f"{found.status} with {sum(outside.effects.values())} effects, by {decisions[0].verdict}"
        )
    return faults + _ended(workflow, run, "succeeded")


def _while_canceled() -> list[str]:
    """Two approve while somebody cancels, and while the time-out is due: a canceled run does nothing."""
    users, (workflow, run, outside) = _people(), _asked()
    works = [lambda user=user: _decide(run, user, Verdict.APPROVE) for user in users[:2]]
    results = at_once(*works, lambda: on_runs.cancel(on_runs.get(run.pk), NOBODY), lambda: execute(run.pk))
    execute(run.pk)
    run.refresh_from_db()
    status, faults = Approval.objects.get(run=run).status, _unexpected(results)
    effects = sum(outside.effects.values())
    if run.status == "canceled" and status == "pending":
        faults.append("a canceled run still asks")
    if effects and status != "approved":
        faults.append(f"{effects} effects although it was {status}")
    if effects > 1:
        faults.append(f"{effects} effects of one approval")
    return faults + _ended(workflow, run, "canceled", "succeeded")


def _asked() -> tuple[Workflow, Run, Outside]:
    step = action("pay", "test.keyed", text="a")
    workflow = lifecycle.create(document(approval(), step, name=f"Asks {uuid4().hex}"))
    lifecycle.activate(workflow)
    event = accept(payment(id=f"pi_{uuid4().hex}"))
    run = Run.objects.get(event=event, workflow=workflow)
    execute(run.pk)
    Door.outside = outside = Outside(lambda _name: None)
    return workflow, run, outside


def _people() -> list[User]:
    names = [f"person_{uuid4().hex}" for _ in range(PEOPLE)]
    return [User.objects.create_superuser(name) for name in names]


def _decide(run: Run, user: User, verdict: Verdict) -> Approval:
    found = deciding.get(Approval.objects.get(run=run).pk)
    return deciding.decide(found, verdict, Act(User.objects.get(pk=user.pk)), seen=found.digest)


def _unexpected(results: list[Any]) -> list[str]:
    errors = (one for one in results if isinstance(one, Exception))
    return [f"{error!r}" for error in errors if not isinstance(error, _LATE)]


def _ended(workflow: Workflow, run: Run, *states: str) -> list[str]:
    """What is wrong if the run has not ended in one of these states; then it is out of the way."""
    lifecycle.deactivate(workflow)
    run.refresh_from_db()
    if run.status not in states:
        late = StepRun.objects.filter(run=run, due_at__gt=timezone.now()).count()
        return [f"the run is {run.status}, and {late} steps wait"]
    return []
