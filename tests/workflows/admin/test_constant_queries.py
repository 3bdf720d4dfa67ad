"""Every page takes as many queries for 50 steps and 1,000 runs as for 3 steps and 10 runs."""

from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import Branch, Run, StepRun, WorkflowVersion
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, branch, compare, document, group, usd, way

pytestmark = pytest.mark.django_db

PANEL = {"HX-Request": "true", "HX-Target": "sf-panel-body"}
CANVAS = {"HX-Request": "true", "HX-Target": "sf-canvas"}
EDITS = ("change_workflow", "activate_workflow", "view_workflow", "replay_run")
SEES = ("view_run", "view_event", "view_payload")
# Long enough for the search to take `pi_1000` for an id of Stripe.
NUMBERS = count(1000)


@pytest.fixture
def reader(client_for):
    """The browser of somebody who may edit workflows, and see all that they did."""
    return client_for(*EDITS, *SEES, username="reader")


def made(*, steps, runs):
    """An active workflow of so many steps, half of them in a branch, with changes, and its runs."""
    half = (steps - 1) // 2
    workflow = lifecycle.create(_document(half, steps - 1 - half, text="{{ trigger.customer }}"))
    lifecycle.activate(workflow)
    editing.update(workflow, _document(half, steps - 1 - half, text="b"), revision=workflow.revision)
    workflow.refresh_from_db()
    _runs(workflow, runs)
    return workflow


def _document(inside, after, *, text):
    met = [group(compare("trigger.amount", "greater_than", usd(n))) for n in range(inside)]
    ways = [way(f"way_{n}", one, action(f"in_{n}", text=text)) for n, one in enumerate(met)]
    return document(branch("choice", *ways), *(action(f"after_{n}", text=text) for n in range(after)))


def _runs(workflow, number):
    now = timezone.now()
    events = Event.objects.bulk_create(_event(next(NUMBERS), now) for _time in range(number))
    version = workflow.active_version
    runs = Run.objects.bulk_create(
        Run(workflow=workflow, version=version, event=one, object_id=one.object_id, status="succeeded")
        for one in events
    )
    keys = [step["key"] for step in version.document["steps"]]
    StepRun.objects.bulk_create(_step(run, key, now) for run in runs for key in keys)


def _event(number, now):
    body = {"data": {"object": {"id": f"pi_{number}", "object": "payment_intent", "customer": "cus_all"}}}
    return Event(
        source="stripe",
        external_id=f"evt_{number}",
        type="payment_intent.succeeded",
        created=now,
        matched_at=now,
        object_type="payment_intent",
        object_id=f"pi_{number}",
        payload=body,
        raw_body=f'"cus_all" "cus_{number}"',
    )


def _step(run, key, now):
    kind = {"kind": "branch", "branch_key": "otherwise"} if key == "choice" else {"kind": "action"}
    own = {"outputs": {"id": f"re_{run.object_id}"}, "status": "succeeded", "started_at": now}
    return StepRun.of(run, path=key, step_key=key, action="test.record", **kind, **own)


def addresses(workflow):
    """What is asked for each page: its name, arguments, query and headers."""
    run = Run.objects.filter(workflow=workflow).first()
    pk, last = workflow.pk, workflow.steps.order_by("position").filter(branch=None).last()
    choice, version = workflow.steps.get(key="choice"), WorkflowVersion.objects.get(workflow=workflow)
    way = Branch.objects.filter(step=choice).first()
    place = {"workflow": pk, "position": 0}
    found = {
        "list": ("workflows_workflow_changelist", [], {}, None),
        "page": ("workflows_workflow_change", [pk], {}, None),
        "canvas": ("workflows_workflow_change", [pk], {}, CANVAS),
        "trigger": ("workflows_trigger_change", [workflow.trigger.pk], {}, PANEL),
        "action": ("workflows_step_change", [last.pk], {}, PANEL),
        "branch step": ("workflows_step_change", [choice.pk], {}, PANEL),
        "branch": ("workflows_branch_change", [way.pk], {}, PANEL),
        "gallery": ("workflows_step_add", [], place, PANEL),
        "new step": ("workflows_step_add", [], {**place, "action": "test.record"}, PANEL),
        "place": ("workflows_step_place", [last.pk], {}, PANEL),
        "changes": ("workflows_workflow_changes", [pk], {}, None),
        "activate": ("workflows_workflow_activate", [pk], {}, None),
        "test": ("workflows_workflow_test", [pk], {}, None),
        "versions": ("workflows_workflowversion_changelist", [], {}, None),
        "version": ("workflows_workflowversion_change", [version.pk], {}, None),
        "counts": ("workflows_workflow_counts", [pk], {"range": "all"}, None),
        "counts of a week": ("workflows_workflow_counts", [pk], {"range": "7"}, None),
        "run": ("workflows_run_change", [run.pk], {}, None),
        "events": ("triggers_event_changelist", [], {}, None),
        "event": ("triggers_event_change", [run.event_id], {}, None),
        "why": ("workflows_run_why_event", [run.event_id], {}, None),
        "why of a workflow": ("workflows_run_why", [], {"workflow": pk}, None),
    }
    runs, events = _queries(workflow, run)
    lists = {"workflows_run_changelist": runs, "triggers_event_changelist": events}
    for view, queries in lists.items():
        found |= {f"{view}: {name}": (view, [], query, None) for name, query in queries.items()}
    return found


def _queries(workflow, run):
    """What the lists of runs and of events are asked for."""
    searches = {
        "inside": {"q": "cus_all"},
        "nowhere": {"q": "cus_nobody"},
        "object": {"q": run.object_id},
        "event": {"q": run.event.external_id},
    }
    runs = {
        "newest": {},
        "succeeded": {"status__exact": "succeeded"},
        "of a version": {"workflow__id__exact": workflow.pk, "version": 1},
        "of a type": {"event_type": run.event.type},
        "made": {"q": f"re_{run.object_id}"},
    }
    events = {"of a type": {"type": run.event.type}, "matched": {"matched": "yes"}}
    return {**runs, **searches}, {**events, **searches}


def counted(client, workflow):
    found = {}
    for name, (view, arguments, query, headers) in addresses(workflow).items():
        url = reverse(f"admin:stripeflow_{view}", args=arguments)
        client.get(url, query, headers=headers)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url, query, headers=headers).status_code == 200, name
        found[name] = len(captured)
    return found


def test_every_page_takes_as_many_queries_for_many_steps_and_runs_as_for_few(
    reader, recorder, queue, monkeypatch
):
    # What recent events held is read again each minute, which may end between two looks at a page.
    monkeypatch.setattr("stripeflow.triggers.recent._KEPT_SECONDS", 3600)
    few = counted(reader, made(steps=3, runs=10))
    many = counted(reader, made(steps=50, runs=1000))
    assert many == few
