"""(6) Conditions alone, and one event against a thousand active workflows."""

import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from django.db import transaction
from django.utils import timezone

from bench import data
from bench.figures import Figure, of
from bench.session import Session

NAME = "matching"
MOST_MILLISECONDS = 15.0


def measure(session: Session) -> list[Figure]:
    return [*_conditions(session), *_workflows(session)]


def _conditions(session: Session) -> list[Figure]:
    from stripeflow.workflows import conditions

    payload = data.event()
    scope: dict[str, Any] = {"trigger": payload["data"]["object"], "event": payload, "steps": {}}
    found = []
    for matches, expected in ((True, conditions.Truth.MET), (False, conditions.Truth.NOT_MET)):
        group = conditions.compile(data.document("x", matches=matches)["trigger"]["conditions"])
        now = timezone.now()

        def evaluate(group: Any = group, now: Any = now) -> Any:
            return conditions.evaluate(group, scope, now=now, previous_attributes=None)

        session.check(f"{NAME}: {expected.name}", int(evaluate().truth is expected), 1)
        rounds = _microseconds(session, evaluate)
        found.append(of(NAME, f"two conditions, {expected.name.lower()}", rounds, "µs"))
    return found


def _microseconds(session: Session, call: Callable[[], Any]) -> list[float]:
    times = session.size(quick=100, full=5000)
    rounds = []
    for _number in range(session.rounds):
        began = time.perf_counter()
        for _time in range(times):
            call()
        rounds.append((time.perf_counter() - began) / times * 1e6)
    return rounds


def _workflows(session: Session) -> list[Figure]:
    from stripeflow.triggers import inbox

    many = session.size(quick=20, full=1000)
    copies(matching=1, others=many - 1)
    event = inbox.accept_stripe(data.event(), mirror=False).event
    rounds = [_matched(session, event) for _number in range(session.size(quick=3, full=25))]
    figure = of(
        NAME, f"one event against {many} active workflows, warm", rounds, "ms", most=MOST_MILLISECONDS
    )
    data.activate(matching=0)
    return [figure]


def _matched(session: Session, event: Any) -> float:
    """The milliseconds of one matching, whose runs are taken back."""
    from stripeflow.workflows.matching import starting
    from stripeflow.workflows.models import Run

    with transaction.atomic():
        Run.objects.filter(event=event).delete()
        began = time.perf_counter()
        runs = starting.start_runs(event)
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    session.check(f"{NAME}: runs of one event", len(runs), 1)
    return seconds * 1000


def copies(*, matching: int, others: int) -> None:
    """Activate one workflow of each kind through the front door, and copy its rows for the rest.

    Each copy that does not match asks for another value, so that none can profit from the others.
    """
    from stripeflow.workflows.models import Activation, Workflow, WorkflowVersion

    data.activate(matching=min(1, matching), others=min(1, others))
    for kind, count in ((0, matching - 1), (1, others - 1)):
        original = Workflow.objects.order_by("pk")[kind]
        version, activation = original.versions.get(), original.activations.get()
        for number in range(count):
            workflow = Workflow.objects.create(name=f"Copy {kind} {number}", status=original.status)
            document = deepcopy(version.document)
            if kind:
                document["trigger"]["conditions"]["conditions"][1]["value"] = f"misc {number}"
            copy = WorkflowVersion.objects.create(
                workflow=workflow, number=1, document=document, types=version.types
            )
            Activation.objects.create(
                workflow=workflow,
                version=copy,
                topic=activation.topic,
                started_at=activation.started_at,
            )
            Workflow.objects.filter(pk=workflow.pk).update(active_version=copy)
