"""What several want at once and only one may have: a revision, a ring, the rest below a cap."""

from collections import Counter
from functools import partial
from threading import Event
from typing import Any
from unittest import mock
from uuid import uuid4

from django.conf import settings
from django.db.models import F
from django.test import override_settings

from stripeflow.actions.errors import PermanentError
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.queue import backend
from stripeflow.triggers.queue.memory import Message
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.drafts import editing, edits
from stripeflow.workflows.drafts.editing import RevisionConflict
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.limits import caps, spending
from stripeflow.workflows.limits.caps import OwnCaps
from stripeflow.workflows.models import Run, Spending, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.worker.due import notify_due
from tests.races.crowd import PATIENCE, at_once
from tests.races.runs import start_one
from tests.workflows.documents import action, document

PEOPLE = 16
COPIERS, COPIES = 4, 5
NOTIFIERS = 8
RUNS = 6
# How long a refund that has read its cap lets somebody lower it: who waits for the refund is let go.
MOMENT = 0.5


def editors_of_one_revision(rounds: int) -> list[str]:
    return [fault for _ in range(rounds) for fault in _edit()]


def editors_without_a_guard() -> list[str]:
    def count_up(workflow: Workflow, _revision: int) -> None:
        Workflow.objects.filter(pk=workflow.pk).update(revision=F("revision") + 1)

    # The change that is kept for undo is unique by the revision, too, and would stop them as well.
    with mock.patch.object(editing, "_count_up", count_up), mock.patch.object(edits, "push"):
        return _edit()


def _edit() -> list[str]:
    workflow = lifecycle.create(document(action("one", "test.keyed", text="a")))
    seen = workflow.revision

    def edit(number: int) -> int:
        steps = [action(f"step_{number}_{n}", "test.keyed", text=str(number)) for n in range(3)]
        mine = Workflow.objects.get(pk=workflow.pk)
        editing.update(mine, document(*steps, name=f"Editor {number}"), revision=seen)
        return number

    results = at_once(*[lambda number=number: edit(number) for number in range(PEOPLE)])
    winners = [result for result in results if isinstance(result, int)]
    faults = [f"{r!r}" for r in results if not isinstance(r, int | RevisionConflict)]
    if len(winners) != 1:
        return [*faults, f"{len(winners)} of {PEOPLE} editors won"]
    found = to_document(Workflow.objects.get(pk=workflow.pk))
    texts = {step["inputs"]["text"] for step in found["steps"]}
    if (found["name"], texts) != (f"Editor {winners[0]}", {str(winners[0])}):
        faults.append("the document is not the winner's")
    return faults


def copies_of_what_is_edited(rounds: int) -> list[str]:
    """Each copy is of one document, never half of one and half of the next."""
    return [fault for _ in range(rounds) for fault in _copy_while_edited()]


def _copy_while_edited() -> list[str]:
    workflow = lifecycle.create(_lettered("a"))

    def edit() -> None:
        for letter in "bcdefgh":
            mine = Workflow.objects.get(pk=workflow.pk)
            editing.update(mine, _lettered(letter), revision=mine.revision)

    def copy() -> list[str]:
        copies = [lifecycle.duplicate(workflow) for _ in range(COPIES)]
        return [_letters(to_document(one)) for one in copies]

    edited, *copied = at_once(edit, *[copy] * COPIERS)
    faults = [f"{r!r}" for r in (edited, *copied) if isinstance(r, Exception)]
    torn = {letters for some in copied if isinstance(some, list) for letters in some if len(letters) != 1}
    return faults + [f"a copy has parts of {sorted(letters)}" for letters in torn]


def _lettered(letter: str) -> dict[str, Any]:
    steps = [action(f"step_{n}", "test.keyed", text=letter) for n in range(10)]
    return document(*steps, name=letter, event_type="charge.failed")


def _letters(found: dict[str, Any]) -> frozenset[str]:
    texts = {step["inputs"]["text"] for step in found["steps"]}
    return frozenset({found["name"].removeprefix("Copy of "), *texts})


def notifiers_of_the_same_runs(rounds: int) -> list[str]:
    faults = []
    for _ in range(rounds):
        Run.objects.all().delete()
        wanted = {str(start_one().pk) for _ in range(RUNS)}
        Run.objects.update(rung_at=None)
        messages: list[Message] = backend().messages
        messages.clear()
        counts = at_once(*[notify_due] * NOTIFIERS)
        rung = [message.args[0] for message in messages]
        if Counter(rung) != Counter(wanted) or sum(counts) != RUNS:
            faults.append(f"{len(rung)} messages for {RUNS} runs, {counts}")
    return faults


def refunds_below_one_cap(rounds: int) -> list[str]:
    faults = []
    for _ in range(rounds):
        workflow = lifecycle.create(document(action("one", "test.keyed", text="a")))
        Workflow.objects.filter(pk=workflow.pk).update(refund_caps={"usd": 500})
        workflow.refresh_from_db()

        spender = spending.Spender(workflow, AccountMode(livemode=False, account=""))

        def refund(spender: spending.Spender = spender) -> int:
            spending.reserve(spender, f"stripeflow:{uuid4()}", amount=100, currency="usd")
            return 100

        results = at_once(*[refund] * PEOPLE)
        spent = Spending.objects.get(scope=spending.scope_of(workflow.pk)).amount
        refused = [result for result in results if isinstance(result, PermanentError)]
        if (spent, len(refused), results.count(100)) != (500, PEOPLE - 5, 5):
            faults.append(f"{spent} of 500 spent; {results}")
    return faults


# Each cap alone: the settings, and the caps of the workflows themselves.
_CAP = {"usd": 500}
CAPS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the installation's": ({"REFUND_CAPS_PER_DAY": _CAP}, {}),
    "the workflow's": ({}, {"refund_caps": _CAP}),
    "one customer's": ({"CUSTOMER_CAPS_PER_DAY": _CAP}, {}),
    "one customer's of the workflow": ({}, {"customer_caps": _CAP}),
}


def money_below_each_cap(rounds: int) -> list[str]:
    """Many calls at once for one customer, each of another run; two workflows where they share the cap."""
    return [fault for kind in CAPS for _ in range(rounds) for fault in _below(kind)]


def _below(kind: str) -> list[str]:
    of_all, of_one = CAPS[kind]
    workflows = [
        lifecycle.create(document(action("one", "test.keyed", text="a"))) for _ in range(2 if of_all else 1)
    ]
    Workflow.objects.filter(pk__in=[one.pk for one in workflows]).update(**of_one)
    customer = f"cus_{uuid4().hex}"
    # What earlier rounds have moved counts as well.
    Spending.objects.all().delete()

    def move(number: int) -> str:
        spender = spending.Spender(
            workflows[number % len(workflows)], AccountMode(livemode=False, account="")
        )
        key = f"stripeflow:{uuid4()}"
        spending.reserve(spender, key, amount=70, currency="usd", customer=customer)
        return key

    configured = {**settings.STRIPEFLOW, **of_all}
    with override_settings(STRIPEFLOW=configured):
        results = at_once(*[partial(move, number) for number in range(PEOPLE)])
    moved = [one for one in results if isinstance(one, str)]
    refused = [one for one in results if isinstance(one, PermanentError) and one.code == "cap_reached"]
    counted = {
        row.scope: row.amount
        for row in Spending.objects.filter(scope__in=(spending.CUSTOMERS, "installation"))
    }
    faults = []
    # Seven times 70 is below 500, and eight times is not.
    if len(moved) != 7 or len(moved) + len(refused) != PEOPLE or set(counted.values()) != {490}:
        faults.append(f"{kind} cap: {len(moved)} of 7 moved, {counted}; {results}")
    at_once(*[partial(spending.give_back, key) for key in moved for _ in range(2)])
    if left := sum(Spending.objects.values_list("amount", flat=True)):
        faults.append(f"{kind} cap: {left} left of what was given back")
    return faults


def a_cap_lowered_in_the_moment_of_a_refund(rounds: int) -> list[str]:
    """Once it is lowered, nothing more passes it: the refund was before that, or is refused."""
    return [fault for _ in range(rounds) for fault in _lower_meanwhile()]


def _lower_meanwhile() -> list[str]:
    workflow = lifecycle.create(document(action("one", "test.keyed", text="a")))
    Workflow.objects.filter(pk=workflow.pk).update(refund_caps={"usd": 500})
    spender = spending.Spender(workflow, AccountMode(livemode=False, account=""))
    has_read, is_lowered = Event(), Event()
    check = spending._check_has_cap

    def check_late(*given: Any) -> None:
        has_read.set()
        is_lowered.wait(MOMENT)
        check(*given)

    def refund() -> None:
        spending.reserve(spender, f"stripeflow:{uuid4()}", amount=500, currency="usd")

    def lower() -> int:
        has_read.wait(PATIENCE)
        caps.set_caps(workflow, OwnCaps({"usd": 100}), NOBODY, seen=OwnCaps({"usd": 500}))
        is_lowered.set()
        return _spent(workflow)

    with mock.patch.object(spending, "_check_has_cap", check_late):
        _refunded, then = at_once(refund, lower)
    late = _spent(workflow) - then if isinstance(then, int) else then
    return [f"{late!r} refunded above a cap that was lowered before"] if late else []


def _spent(workflow: Workflow) -> int:
    scope = spending.scope_of(workflow.pk)
    return sum(Spending.objects.filter(scope=scope).values_list("amount", flat=True))
