"""(7) What the pages of the admin cost at 50 steps and 100,000 runs: in one process, without a network."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median, quantiles
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench import cpu, data, history, plans
from bench.figures import Figure
from bench.session import Session

NAME = "pages"
MOST_MILLISECONDS = 300.0
_PANEL = {"HX-Request": "true", "HX-Target": "sf-panel-body"}
_CANVAS = {"HX-Request": "true", "HX-Target": "sf-canvas"}


def measure(session: Session) -> list[Figure]:
    made = history.build(session.size(quick=100, full=100_000))
    session.check(f"{NAME}: runs", made.runs, session.size(quick=100, full=100_000))
    session.check(f"{NAME}: steps of the workflow", made.workflow.steps.count(), history.STEPS)
    print(f"    {made.runs} runs, {made.step_runs} steps of runs", flush=True)
    figures = _measured(session, dict(_pages(made)))
    data.empty()
    return figures


def _measured(session: Session, pages: dict[str, Callable[[], Any]]) -> list[Figure]:
    """Every page in each round, in another order each time, after one round that does not count."""
    walls: dict[str, list[float]] = {name: [] for name in pages}
    cpus: dict[str, list[float]] = {name: [] for name in pages}
    counts = {name: _statements(page) for name, page in pages.items()}
    for _round in range(session.rounds * session.size(quick=1, full=4)):
        for name in session.shuffled(pages):
            began, used = time.perf_counter(), cpu.seconds()
            pages[name]()
            walls[name].append((time.perf_counter() - began) * 1000)
            cpus[name].append((cpu.seconds() - used) * 1000)
    return [_figure(name, walls[name], cpus[name], counts[name]) for name in pages]


def _figure(name: str, wall: list[float], cpu: list[float], count: int) -> Figure:
    slowest = quantiles(wall, n=20, method="inclusive")[-1] if len(wall) > 1 else wall[0]
    note = f"p50 {median(wall):.0f} ms, CPU {median(cpu):.0f} ms, {count} queries"
    return Figure(NAME, f"{name}: p95", slowest, "ms", tuple(wall), most=MOST_MILLISECONDS, note=note)


def _statements(page: Callable[[], Any]) -> int:
    """How many statements the page takes once what is read only once is known."""
    page()
    with plans.watched() as seen:
        page()
    return len(seen.statements)


def _pages(made: history.History) -> Iterator[tuple[str, Callable[[], Any]]]:
    get = _getter()
    yield from _editor(get, made.workflow)
    yield from _counts(get, made.workflow)
    yield from _history(get, made.workflow)
    yield from _inbox(get, made.workflow)


def _getter() -> Callable[..., Callable[[], Any]]:
    from django.contrib.auth.models import User

    User.objects.filter(username="bench").delete()
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.create_superuser("bench"))

    def get(name: str, *arguments: Any, headers: dict[str, str] | None = None, **query: Any) -> Any:
        address = reverse(f"admin:stripeflow_{name}", args=arguments)

        def page() -> None:
            response = client.get(address, query, headers=headers)
            if response.status_code != 200:
                raise AssertionError(f"{address} answers {response.status_code}")

        return page

    return get


_Pages = Iterator[tuple[str, Callable[[], Any]]]


def _editor(get: Any, workflow: Any) -> _Pages:
    from stripeflow.workflows.models import Branch

    page, steps = "workflows_workflow_change", workflow.steps
    action, choice = steps.get(key="way_5_3"), steps.get(key="choice")
    branch = Branch.objects.filter(step=choice)[0]
    new = {"workflow": workflow.pk, "position": 0}
    yield "workflow list", get("workflows_workflow_changelist")
    yield "workflow page", get(page, workflow.pk)
    yield "its canvas again", get(page, workflow.pk, headers=_CANVAS)
    yield "panel: trigger", get("workflows_trigger_change", workflow.trigger.pk, headers=_PANEL)
    yield "panel: action", get("workflows_step_change", action.pk, headers=_PANEL)
    yield "panel: branch step", get("workflows_step_change", choice.pk, headers=_PANEL)
    yield "panel: branch", get("workflows_branch_change", branch.pk, headers=_PANEL)
    yield "panel: gallery", get("workflows_step_add", headers=_PANEL, **new)
    yield "panel: new step", get("workflows_step_add", headers=_PANEL, action="bench.note", **new)
    yield "panel: move to", get("workflows_step_place", action.pk, headers=_PANEL)
    yield "unpublished changes", get("workflows_workflow_changes", workflow.pk)
    yield "activate", get("workflows_workflow_activate", workflow.pk)
    yield "test", get("workflows_workflow_test", workflow.pk)
    yield "versions", get("workflows_workflowversion_changelist")
    yield "version", get("workflows_workflowversion_change", workflow.active_version_id)


def _counts(get: Any, workflow: Any) -> _Pages:
    page = "workflows_workflow_counts"
    for span in ("7", "30", "all"):
        yield f"counts: {span}", get(page, workflow.pk, range=span)
    yield "counts: panel, all", get(page, workflow.pk, headers=_PANEL, range="all")
    yield "counts: earlier version", get(page, workflow.pk, range="all", version="1")


def _history(get: Any, workflow: Any) -> _Pages:
    from stripeflow.workflows.models import Run

    number = Run.objects.count() // 2
    run = Run.objects.filter(version__number=2).order_by("-created_at")[number]
    long = Run.objects.filter(steps__step_key="way_4_0").order_by("-created_at")[0]
    made = Run.objects.filter(steps__outputs__has_key="id").order_by("-created_at")[0]
    week = timezone.now() - timedelta(days=7)
    queries = {
        "newest": {},
        "failed": {"status__exact": "failed"},
        "succeeded": {"status__exact": "succeeded"},
        "of a version": {"workflow__id__exact": workflow.pk, "version": "2"},
        "of an event type": {"event_type": history.EVENT_TYPE},
        "of a week": {"created_at__gte": week.isoformat()},
        "page 1,000": {"p": str(min(1000, run.workflow.runs.count() // 50))},
        "by object id": {"q": run.object_id},
        "by event id": {"q": run.event.external_id},
        "by key": {"q": run.steps.all()[0].idempotency_key},
        "by id in a payload": {"q": run.event.object["customer"]},
        "by id that was made": {"q": (made.steps.get(outputs__has_key="id").outputs or {})["id"]},
        "by account": {"q": "acct_of_nobody"},
        "by unknown id": {"q": "cus_of_nobody"},
    }
    for name, query in queries.items():
        yield f"runs: {name}", get("workflows_run_changelist", **query)
    yield "run", get("workflows_run_change", run.pk)
    yield "run: long way", get("workflows_run_change", long.pk)


def _inbox(get: Any, workflow: Any) -> _Pages:
    from stripeflow.triggers.models import Event

    newest = Event.objects.order_by("-received_at")
    event = newest[newest.count() // 2]
    yield "events", get("triggers_event_changelist")
    yield "events: of a type", get("triggers_event_changelist", type=event.type)
    yield "events: matched", get("triggers_event_changelist", matched="yes")
    yield "events: by event id", get("triggers_event_changelist", q=event.external_id)
    yield "events: by id in a payload", get("triggers_event_changelist", q=event.object["customer"])
    yield "event", get("triggers_event_change", event.pk)
    yield "why: event", get("workflows_run_why_event", event.pk)
    yield "why: of a workflow", get("workflows_run_why", workflow=workflow.pk)
    yield "replay", get("workflows_run_replay", ids=event.external_id)
