"""A workflow whose runs repeat a step, ask people, wait for an event and end when another one comes, for the
state machine."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from stripeflow.triggers.models import Event
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.models import Approval, Decision, Loop, Run, StepRun
from stripeflow.workflows.models.approval import ApprovalStatus, Verdict
from stripeflow.workflows.operations import deciding, lifecycle
from stripeflow.workflows.states import ItemStatus, RunStatus, StepStatus
from tests.workflows.approvals import approval
from tests.workflows.blocks.loop.steps import loop
from tests.workflows.blocks.waits.steps import event_lane, wait_for_event
from tests.workflows.documents import action, document

NAME = "Patient"
PEOPLE = ("first", "second", "third")
NEEDED = 2
# The same row twice is one item.
ROWS = ("row_1", "row_2", "row_1")
PAID, LEFT = "invoice.paid", "customer.subscription.deleted"
FOLLOWING = (PAID, LEFT)
_FINAL = [status for status in RunStatus if status.is_final]


def patient() -> dict[str, Any]:
    """Ten minutes for people, and ten for the event."""
    soon = {"amount": 10, "unit": "minutes"}
    paid = event_lane(action("thank", "test.keyed", text="{{ steps.paid.event_id }}"))
    made = document(
        loop(action("item", "test.keyed", text="{{ item.id }}"), if_item_fails="go_on", parallel=2),
        approval(
            declined=[action("sorry", "test.keyed", text="{{ steps.ask.people }}")],
            users=list(PEOPLE),
            **{**soon, "needed": NEEDED},
        ),
        action("agreed", "test.keyed", text="{{ steps.ask.people }}"),
        wait_for_event(lanes=[paid], late=[action("remind", "test.keyed", text="a")], event=PAID, **soon),
        name=NAME,
    )
    made["trigger"]["cancel_when"] = [{"event": LEFT, "same_as": "customer"}]
    return made


def activate() -> None:
    """The people, and the workflow."""
    for name in PEOPLE:
        User.objects.create_superuser(name)
    lifecycle.activate(lifecycle.create(patient()))


def decide(which: int, who: str, verdict: Verdict) -> None:
    """Decide on one of what is asked, also of runs that have ended; it may be refused."""
    asked = list(Approval.objects.order_by("pk").values_list("pk", flat=True))
    if not asked:
        return
    found = deciding.get(asked[-1 - which % len(asked)])
    try:
        deciding.decide(found, verdict, Act(User.objects.get(username=who)), seen=found.digest)
    except (NotPossible, PermissionDenied) as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017


def judge(keys: Iterable[tuple[str, str]]) -> None:
    """What holds at any time; `keys` are the runs and steps that have called."""
    called = {(UUID(run_id), step) for run_id, step in keys}
    _each_item_counts_once(called)
    _only_what_was_decided_is_done(called)
    assert not Approval.objects.filter(status=ApprovalStatus.PENDING, run__status__in=_FINAL).exists()
    thanked = StepRun.objects.filter(path="thank").values_list("run", flat=True)
    assert not StepRun.objects.filter(path="remind", run__in=thanked).exists()


def judge_the_end() -> None:
    """Nobody's time was up although the event had come. What was pruned cannot be compared."""
    timed_out = StepRun.objects.filter(path="paid", branch_key="timeout", run__event__pruned_at=None)
    for step in timed_out.select_related("run__event"):
        run = step.run
        customer = run.event.object["customer"]
        came = Event.objects.filter(
            type=PAID,
            created__gte=run.event.created,
            created__lte=step.due_at,
            received_at__lt=step.due_at,
            pruned_at=None,
        )
        assert customer not in [event.object["customer"] for event in came], run.pk
    ended = Run.objects.filter(status=RunStatus.CANCELED).exclude(canceled_by=None)
    for run in ended.filter(event__pruned_at=None, canceled_by__pruned_at=None):
        assert run.canceled_by.object["customer"] == run.event.object["customer"], run.pk


def _each_item_counts_once(called: set[tuple[UUID, str]]) -> None:
    for one in Loop.objects.prefetch_related("items"):
        assert (one.count, one.duplicates) == (2, 1), one.run_id
        items = Counter(item.object_id for item in one.items.all())
        assert items == Counter(set(ROWS)), one.run_id
        for item in one.items.all():
            if item.status == ItemStatus.SUCCEEDED:
                assert (one.run_id, f"{item.prefix}item") in called, item
    loops = StepRun.objects.filter(path="each", status=StepStatus.SUCCEEDED)
    for step in loops.exclude(run__pruned_at__isnull=False):
        assert step.outputs["succeeded"] + step.outputs["failed"] == len(set(ROWS)), step.run_id


def _only_what_was_decided_is_done(called: set[tuple[UUID, str]]) -> None:
    for path, verdict, needed in (("agreed", Verdict.APPROVE, NEEDED), ("sorry", Verdict.DECLINE, 1)):
        for run_id in (run_id for run_id, step in called if step == path):
            decisions = Decision.objects.filter(approval__run=run_id, verdict=verdict)
            assert decisions.values("user").distinct().count() >= needed, run_id
