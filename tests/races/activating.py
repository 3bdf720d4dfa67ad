"""Activation against matching: events come while a workflow is published, switched on and switched off."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from stripeflow.triggers import inbox
from stripeflow.triggers.models import Event
from stripeflow.workflows.drafts.editing import NotAllowed
from stripeflow.workflows.models import Activation, Run, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import WorkflowStatus
from tests.races.crowd import at_once
from tests.races.events import _body
from tests.workflows.documents import action, document

SENDERS = 3
EVENTS = 4


@dataclass(frozen=True)
class Span:
    """When something was under way, and what came of it."""

    start: float
    end: float
    result: object

    def overlaps(self, other: "Span") -> bool:
        return self.start <= other.end and other.start <= self.end


def publish_while_events_come(rounds: int) -> list[str]:
    """The workflow is active all the time, so each event has one run, of one version or another."""
    workflow, faults = _active(), []
    for _ in range(rounds):
        results = at_once(lambda: _publish(workflow.pk), *[_send] * SENDERS)
        faults += [f"{error!r}" for error in results if isinstance(error, Exception)]
        for span in (span for spans in results[1:] for span in spans):
            runs = Run.objects.filter(event=span.result, workflow=workflow)
            if [run.version.workflow_id for run in runs] != [workflow.pk]:
                faults.append(f"{len(runs)} runs of an event while a version was published")
    return faults + _end(workflow)


def switch_while_events_come(rounds: int, *, chance: random.Random) -> list[str]:
    workflow, faults = _active(), []
    switched = [Span(0.0, time.monotonic(), True)]
    for _ in range(rounds):
        results = at_once(lambda: _switch(workflow.pk), *[_send] * SENDERS)
        faults += [f"{error!r}" for error in results if isinstance(error, Exception)]
        switched += results[0]
        for span in (span for spans in results[1:] for span in spans):
            faults += _faults_of(workflow, span, switched)
        faults += _crowd(workflow, chance)
        faults += _faults_of_intervals(workflow)
        switched = [Span(0.0, time.monotonic(), _is_active(workflow))]
    return faults + _end(workflow)


def _publish(pk: int) -> None:
    for _ in range(EVENTS):
        lifecycle.activate(Workflow.objects.get(pk=pk))


def _send() -> list[Span]:
    spans = []
    for _ in range(EVENTS):
        start = time.monotonic()
        event = inbox.accept_stripe(_body(), mirror=False).event
        spans.append(Span(start, time.monotonic(), event))
    return spans


def _switch(pk: int) -> list[Span]:
    """Off and on, twice; the result of each is whether the workflow is active then."""
    spans = []
    for _ in range(4):
        workflow = Workflow.objects.get(pk=pk)
        start = time.monotonic()
        if workflow.state is WorkflowStatus.ACTIVE:
            lifecycle.deactivate(workflow)
        else:
            lifecycle.activate(workflow)
        spans.append(Span(start, time.monotonic(), workflow.state is WorkflowStatus.ACTIVE))
    return spans


def _faults_of(workflow: Workflow, span: Span, switched: list[Span]) -> list[str]:
    event = Event.objects.get(pk=span.result.pk)
    runs = Run.objects.filter(event=event, workflow=workflow).count()
    if event.matched_at is None or runs > 1:
        return [f"an event that came with {runs} runs, matched at {event.matched_at}"]
    if any(span.overlaps(change) for change in switched):
        return []  # either answer is right
    was_active = max((c for c in switched if c.end < span.start), key=lambda c: c.end).result
    held = [
        a
        for a in Activation.objects.at(event.source, event.type, event.created)
        if a.workflow_id == workflow.pk
    ]
    if was_active and not runs:
        return ["an event was lost while the workflow was active"]
    if runs and not held:
        return ["an event started a run outside every interval"]
    return []


def _crowd(workflow: Workflow, chance: random.Random) -> list[str]:
    """Several people at once, who do whatever comes to their mind."""
    deeds: list[Callable] = [
        lifecycle.activate,
        lifecycle.deactivate,
        lifecycle.archive,
        lifecycle.restore,
    ]

    def work(deed: Callable) -> None:
        try:
            deed(Workflow.objects.get(pk=workflow.pk))
        except NotAllowed:
            return

    results = at_once(*[partial(work, chance.choice(deeds)) for _ in range(6)])
    return [f"{error!r}" for error in results if isinstance(error, Exception)] + _wake(workflow)


def _wake(workflow: Workflow) -> list[str]:
    faults = _faults_of_intervals(workflow)
    workflow.refresh_from_db()
    if workflow.state is WorkflowStatus.ARCHIVED:
        lifecycle.restore(workflow)
    if workflow.state is not WorkflowStatus.ACTIVE:
        lifecycle.activate(workflow)
    return faults


def _faults_of_intervals(workflow: Workflow) -> list[str]:
    workflow.refresh_from_db()
    intervals = list(workflow.activations.order_by("id"))
    open_ones = [interval for interval in intervals if interval.ended_at is None]
    faults = []
    if [a.version_id for a in open_ones] != ([workflow.active_version_id] if _is_active(workflow) else []):
        faults.append(f"{len(open_ones)} open intervals of a workflow that is {workflow.status}")
    for before, after in pairwise(intervals):
        if before.ended_at is None or after.started_at < before.ended_at.replace(microsecond=0):
            faults.append("two intervals overlap by more than a second")
    numbers = list(workflow.versions.order_by("number").values_list("number", flat=True))
    if numbers != list(range(1, len(numbers) + 1)):
        faults.append(f"versions {numbers}")
    return faults


def _is_active(workflow: Workflow) -> bool:
    return workflow.state is WorkflowStatus.ACTIVE


def _active() -> Workflow:
    workflow = lifecycle.create(document(action("one", "test.keyed", text="a")))
    lifecycle.activate(workflow)
    return workflow


def _end(workflow: Workflow) -> list[str]:
    faults = _faults_of_intervals(workflow)
    lifecycle.deactivate(workflow)
    workflow.activations.update(topic="none")
    return faults
