"""Sixteen senders of one event, and sixteen sweeps that find it unmatched."""

import time
from threading import Barrier
from unittest import mock
from uuid import uuid4

from django.db import connection

from stripeflow.triggers import inbox
from stripeflow.triggers.models import Event
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.operations import lifecycle
from tests.races.crowd import PATIENCE, at_once
from tests.workflows.documents import action, document
from tests.workflows.events import payment

SENDERS = 16


def many_senders_of_one_event(rounds: int) -> list[str]:
    _two_workflows()
    faults = []
    for _ in range(rounds):
        faults += _round()
    _end_workflows()
    return faults


def many_senders_without_the_constraint() -> list[str]:
    _two_workflows()
    constraint = next(c for c in Event._meta.constraints if c.name == "stripeflow_event_identity")
    Event._meta.constraints = [c for c in Event._meta.constraints if c is not constraint]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Event, constraint)
    try:
        return _round()
    finally:
        _end_workflows()


def many_sweeps_of_one_event(rounds: int) -> list[str]:
    _two_workflows()
    faults = []
    for _ in range(rounds):
        with inbox.temporary_handler(lambda _event: 1 / 0):
            event = inbox.accept_stripe(_body(), mirror=False).event
        matched = at_once(*[lambda pk=event.pk: inbox.match(pk)] * SENDERS)
        if sorted(matched, key=str) != [False] * (SENDERS - 1) + [True]:
            faults.append(f"matched: {matched}")
        faults += _faults_of(event.external_id)
    _end_workflows()
    return faults


def _round() -> list[str]:
    body = _body()
    meet = Barrier(SENDERS, timeout=PATIENCE)

    def mirrors_together(_type: str) -> bool:
        meet.wait()  # everybody has looked, and found nothing, before anybody inserts
        return False

    with mock.patch.object(inbox.conf, "mirrors", mirrors_together):
        results = at_once(*[lambda: inbox.accept_stripe(body)] * SENDERS)
    faults = [f"{error!r}" for error in results if isinstance(error, Exception)]
    if sum(accepted.created for accepted in results if not isinstance(accepted, Exception)) != 1:
        faults.append("more or less than one sender stored the event")
    return faults + _faults_of(body["id"])


def _faults_of(external_id: str) -> list[str]:
    events = list(Event.objects.filter(external_id=external_id))
    runs = Run.objects.filter(event__in=events)
    faults = []
    if len(events) != 1 or events[0].matched_at is None:
        faults.append(f"{len(events)} rows of one event")
    if sorted(run.workflow.name for run in runs) != ["First", "Second"]:
        faults.append(f"{len(runs)} runs of two workflows")
    return faults


def _two_workflows() -> None:
    for name in ("First", "Second"):
        workflow = lifecycle.create(document(action("one", "test.keyed", text="a"), name=name))
        lifecycle.activate(workflow)


def _end_workflows() -> None:
    for workflow in Workflow.objects.active():
        lifecycle.deactivate(workflow)
        # The interval of a moment ago would still match events of this second.
        workflow.activations.update(topic="none")


def _body() -> dict:
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": payment(id=f"pi_{uuid4().hex}")},
        "request": {"id": None, "idempotency_key": None},
    }
