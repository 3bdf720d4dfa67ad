"""The step at which people decide."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.workflows.approvals.asking import end_for_lack_of_people
from stripeflow.workflows.approvals.going_on import wake
from stripeflow.workflows.audit.acts import NOBODY, NotPossible
from stripeflow.workflows.blocks.approval import ApprovalBlock
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Approval, AuditEntry, Run, RunOperation, StepRun
from stripeflow.workflows.models.approval import Immutable
from stripeflow.workflows.operations import lifecycle, on_runs, verbs
from stripeflow.workflows.operations.refusals import Outdated
from stripeflow.workflows.operations.verbs import Verb
from tests.workflows.approvals import act_of, approval, approver, asked, decide
from tests.workflows.blocks.loop.steps import charges, holding, loop
from tests.workflows.documents import action, document
from tests.workflows.on_demand import on_demand
from tests.workflows.people import user_with_role

pytestmark = pytest.mark.django_db

LAST = action("last", text="last")


@pytest.fixture
def anna(db):
    return approver()


def gone_on(run):
    execute(run.pk)
    run.refresh_from_db()
    return run


def test_a_run_waits_and_goes_on_once_it_is_approved(anna, finish, money, recorder):
    run = finish(approval(), money, LAST)
    found = asked(run)
    assert (run.status, run.due_at, recorder.texts) == ("waiting", found.due_at, [])
    assert found.due_at - found.asked_at == timedelta(days=7)
    assert found.question == "May pi_test go?"
    assert [(one["key"], one["inputs"]) for one in found.would] == [("one", {"text": "a"})]
    decide(run, anna, note="Fine.")
    assert gone_on(run).status == "succeeded"
    assert recorder.texts == ["a", "last"]
    said = {"decision": "approved", "people": "anna", "comment": "Fine."}
    assert run.steps.get(path="ask").outputs == said


@pytest.mark.parametrize(
    ("lane", "texts"), [((action("no", text="no"),), ["no"]), ((), [])], ids=["with steps", "empty"]
)
def test_a_decline_runs_its_branch_in_place_of_what_follows(anna, finish, money, recorder, lane, texts):
    run = finish(approval(declined=lane), money, LAST)
    decide(run, anna, "decline")
    assert gone_on(run).status == "succeeded"
    assert recorder.texts == texts
    assert run.steps.get(path="ask").branch_key == "declined"


def test_what_nobody_decides_times_out(anna, finish, money, recorder):
    run = finish(approval(timed_out=(action("late", text="late"),)), money)
    Approval.objects.update(due_at=timezone.now())
    with pytest.raises(NotPossible):
        decide(run, anna)
    Run.objects.update(due_at=timezone.now())
    StepRun.objects.update(due_at=timezone.now())
    assert gone_on(run).status == "succeeded"
    assert recorder.texts == ["late"]
    assert asked(run).status == "timed_out"
    assert AuditEntry.objects.first().kind == "run.approval_timed_out"


@pytest.fixture
def orphaned(finish, money):
    """A run whose worker died after it had asked, and before it could record that the run waits."""
    run = finish(
        approval(declined=(action("no", text="no"),), timed_out=(action("late", text="late"),)), money
    )
    run.steps.filter(path="ask").delete()
    Run.objects.filter(pk=run.pk).update(status="queued", due_at=None)
    return Run.objects.get(pk=run.pk)


@pytest.mark.parametrize(
    ("verdict", "texts", "branch"),
    [("approve", ["a"], ""), ("decline", ["no"], "declined"), (None, ["late"], "timed_out")],
)
def test_what_people_said_before_the_step_was_recorded_counts(
    anna, orphaned, recorder, verdict, texts, branch
):
    if verdict is None:
        Approval.objects.update(status="timed_out", ended_at=timezone.now())
    else:
        decide(orphaned, anna, verdict)
    assert gone_on(orphaned).status == "succeeded"
    assert recorder.texts == texts
    assert Approval.objects.count() == 1
    assert orphaned.steps.get(path="ask").branch_key == branch


def test_what_was_asked_before_the_step_was_recorded_is_not_asked_again(anna, orphaned, recorder):
    assert gone_on(orphaned).status == "waiting"
    assert Approval.objects.count() == 1
    decide(orphaned, anna)
    assert gone_on(orphaned).status == "succeeded"
    assert recorder.texts == ["a"]


@pytest.mark.parametrize("other", [{"digest": "0" * 64}, {"cause": "amount"}, {"status": "void"}], ids=str)
def test_what_people_said_to_another_question_does_not_count(anna, orphaned, other):
    decide(orphaned, anna)
    Approval.objects.update(**other)
    assert gone_on(orphaned).status == "waiting"
    assert Approval.objects.count() == 2


def test_it_takes_as_many_people_as_it_says(anna, finish, money, recorder):
    ben = approver("ben")
    run = finish(approval(needed=2), money)
    assert decide(run, anna).status == "pending"
    with pytest.raises(PermissionDenied, match="already"):
        decide(run, anna)
    assert gone_on(run).status == "waiting"
    assert decide(run, ben).status == "approved"
    assert gone_on(run).status == "succeeded"


def test_who_is_no_longer_active_does_not_count(anna, finish, money):
    ben, cora = approver("ben"), approver("cora")
    run = finish(approval(needed=2), money)
    decide(run, ben)
    ben.is_active = False
    ben.save()
    assert decide(run, anna).status == "pending"
    assert decide(run, cora).status == "approved"


def test_one_decline_ends_it(anna, finish, money):
    ben = approver("ben")
    run = finish(approval(needed=2), money)
    decide(run, anna)
    assert decide(run, ben, "decline").status == "declined"


@pytest.mark.parametrize(
    ("roles", "fields"),
    [
        (("operator", "money"), {}),
        (("approver",), {}),
        (("approver", "money"), {"is_active": False}),
    ],
    ids=["may not decide", "may not move money", "inactive"],
)
def test_other_people_may_not_decide(anna, finish, money, roles, fields):
    run = finish(approval(), money)
    with pytest.raises(PermissionDenied):
        decide(run, user_with_role(*roles, username="other", **fields))
    assert asked(run).status == "pending"


def test_only_the_named_people_decide(finish, money):
    ben, cora = approver("ben"), approver("cora")
    run = finish(approval(users=["ben"]), money)
    with pytest.raises(PermissionDenied, match="other people"):
        decide(run, cora)
    assert decide(run, ben).status == "approved"


def test_the_members_of_the_named_groups_decide(finish, money):
    ben, cora = approver("ben"), approver("cora")
    ben.groups.add(Group.objects.create(name="Finance"))
    run = finish(approval(groups=["Finance"]), money)
    with pytest.raises(PermissionDenied, match="other people"):
        decide(run, cora)
    assert decide(run, ben).status == "approved"


def test_a_group_that_does_not_exist_lets_nobody_pass(anna, recorder, money):
    problems = validate(document(approval(groups=["Finanse"]), money)).problems
    assert [one.code for one in problems if not one.is_warning] == ["no_group"]


def test_what_runs_on_a_failure_is_not_approved_beforehand(anna, recorder, money):
    grave = {**money, "key": "two", "inputs": {"text": "{{ steps.failed.error.message }}"}}
    failed = {"key": "failed", "type": "on_failure", "name": "", "inputs": {}}
    lane = {"branches": [{"key": "steps", "name": "", "steps": [grave]}]}
    plan = build(document(approval(), money, {**failed, **lane}), {})
    assert plan.covering == {"one": ("ask",)}


def test_a_run_that_ones_own_run_has_caused_is_ones_own_request(anna, finish, money):
    ben = approver("ben")
    first = finish(LAST)
    RunOperation.objects.create(run=first, kind="start", user=anna)
    run = finish(approval(), money)
    Run.objects.filter(pk=run.pk).update(depth=1)
    Event.objects.filter(pk=run.event_id).update(request_idempotency_key=f"stripeflow:{first.pk}:last:1")
    with pytest.raises(PermissionDenied, match="own request"):
        decide(run, anna)
    assert decide(run, ben).status == "approved"


def test_what_a_loop_does_is_approved_for_each_item(anna, recorder, money):
    before = validate(document(approval(), loop(money))).problems
    assert "approved_loop" in [one.code for one in before if not one.is_warning]
    inside = document(loop(approval(), money), {**money, "key": "behind"})
    assert "approved_loop" not in [one.code for one in validate(inside).problems]
    # What comes behind the loop is not for its items to approve.
    assert build(inside, {}).covering == {"one": ("ask",)}


@pytest.mark.parametrize("kind", ["start", "replay", "rerun", "retry", "choose"])
def test_nobody_decides_on_their_own_request(anna, finish, money, kind):
    ben = approver("ben")
    run = finish(approval(), money)
    RunOperation.objects.create(run=run, kind=kind, user=anna)
    with pytest.raises(PermissionDenied, match="own request"):
        decide(run, anna)
    assert decide(run, ben).status == "approved"


def test_a_rerun_of_ones_own_request_stays_one(anna, finish, money):
    approver("ben")
    first = finish(approval(), money)
    RunOperation.objects.create(run=first, kind="start", user=anna)
    on_runs.cancel(first, NOBODY)
    again = on_runs.rerun(on_runs.get(first.pk), NOBODY)
    execute(again.pk)
    with pytest.raises(PermissionDenied, match="own request"):
        decide(again, anna)


def test_nobody_left_fails_the_step_and_passes_nothing(anna, start, money, recorder):
    run = start(approval(), money)
    RunOperation.objects.create(run=run, kind="start", user=anna)
    execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error["code"], recorder.texts) == ("failed", "approval_nobody", [])
    approver("ben")
    verbs.perform(on_runs.get(run.pk), Verb.RETRY, NOBODY)
    assert gone_on(run).status == "waiting"


def test_nobody_left_is_refused_at_activation(recorder, money):
    problems = validate(document(approval(), money)).problems
    assert [problem.code for problem in problems if not problem.is_warning] == ["approval_nobody"]
    approver("ben")
    assert not [
        problem for problem in validate(document(approval(), money)).problems if not problem.is_warning
    ]
    two = validate(document(approval(needed=2), money)).problems
    assert [problem.code for problem in two if not problem.is_warning] == ["approval_nobody"]


def test_what_is_approved_has_to_be_known_by_then(anna, recorder, money):
    uses = {**money, "inputs": {"text": "{{ steps.before.text }}"}}
    between = validate(document(approval(), action("before", text="a"), uses)).problems
    assert [problem.code for problem in between if not problem.is_warning] == ["approved_unseen"]
    ahead = validate(document(action("before", text="a"), approval(), uses)).problems
    assert not [problem for problem in ahead if not problem.is_warning]


def test_a_warning_says_that_nothing_is_covered(anna, recorder):
    assert [problem.code for problem in validate(document(approval(), LAST)).problems] == ["nothing_covered"]


def test_who_has_seen_something_else_decides_nothing(anna, finish, money):
    run = finish(approval(), money)
    with pytest.raises(Outdated):
        decide(run, anna, seen="0" * 64)
    assert not asked(run).decisions.exists()


def test_a_canceled_run_asks_nobody(anna, finish, money):
    run = finish(approval(), money)
    on_runs.cancel(run, NOBODY)
    assert asked(run).status == "canceled"
    with pytest.raises(NotPossible):
        decide(run, anna)


def test_a_wait_for_people_is_not_ended_by_a_wake(anna, finish, money):
    run = finish(approval(), money)
    assert Verb.WAKE not in verbs.offered(run, None)
    with pytest.raises(NotPossible, match="approval"):
        on_runs.wake(on_runs.get(run.pk), NOBODY)


def test_a_worker_that_comes_early_passes_nothing(anna, finish, money, recorder):
    run = finish(approval(), money)
    Run.objects.update(due_at=timezone.now())
    StepRun.objects.update(due_at=timezone.now())
    assert gone_on(run).status == "waiting"
    assert run.due_at == asked(run).due_at
    assert recorder.texts == []


def test_a_run_that_a_worker_has_is_not_decided_on(anna, finish, money):
    run = finish(approval(), money)
    Run.objects.update(status="running")
    with pytest.raises(NotPossible, match="worker"):
        decide(run, anna)


def test_a_held_run_goes_on_once_it_is_released(anna, finish, money, recorder):
    run = finish(approval(), money)
    Run.objects.update(status="held", held_reason="object", due_at=None)
    assert decide(run, anna).status == "approved"
    on_runs.release(on_runs.get(run.pk), NOBODY)
    assert gone_on(run).status == "succeeded"
    assert recorder.texts == ["a"]


def test_an_approval_of_something_else_is_void_and_asked_once_more(anna, finish, money, recorder):
    run = finish(approval(), money)
    Approval.objects.update(would=[{**asked(run).would[0], "digest": "0" * 64}])
    decide(run, anna)
    assert gone_on(run).status == "waiting"
    assert run.error["code"] == "approval_changed"
    first, second = run.approvals.order_by("pk")
    assert (first.status, second.status, second.cause, second.path) == ("void", "pending", "changed", "one")
    assert recorder.texts == []
    decide(run, anna)
    assert gone_on(run).status == "succeeded"
    assert recorder.texts == ["a"]


def test_what_is_declined_the_second_time_fails_the_step(anna, finish, money, recorder):
    run = finish(approval(), money)
    Approval.objects.update(would=[])
    decide(run, anna)
    gone_on(run)
    decide(run, anna, "decline")
    assert gone_on(run).status == "failed"
    assert (run.error["code"], recorder.texts) == ("approval_declined", [])
    verbs.perform(on_runs.get(run.pk), Verb.RETRY, NOBODY)
    assert gone_on(run).status == "waiting"
    assert asked(run).status == "pending"


def test_decisions_and_what_people_saw_are_kept(anna, finish, money):
    run = finish(approval(), money)
    found = decide(run, anna, note="Fine.")
    decision = found.decisions.get()
    assert (decision.user_name, decision.seen, decision.comment) == ("anna", found.digest, "Fine.")
    with pytest.raises(Immutable):
        decision.save()
    row = AuditEntry.objects.first()
    assert (row.kind, row.user_name, row.after["digest"]) == ("run.approved", "anna", found.digest)


def test_a_version_with_one_can_be_frozen_and_read(anna, recorder, money):
    workflow = lifecycle.create(document(approval(declined=(LAST,)), money))
    assert lifecycle.activate(workflow).document["steps"][0]["type"] == "approval"
    assert act_of(anna).user == anna


def test_one_approval_before_a_loop_is_for_one_call(anna, finish, money, recorder, monkeypatch):
    # Versions that were activated before have such loops.
    monkeypatch.setattr(ApprovalBlock, "further_problems", lambda _block, _check: ())
    run = finish(approval(), loop(money), obj=holding(*charges(2)))
    decide(run, anna)
    assert gone_on(run).status == "waiting"
    first, second = run.approvals.order_by("pk")
    assert (first.status, second.path) == ("approved", "each/ch_1/one")
    assert recorder.texts == ["a"]
    decide(run, anna)
    assert gone_on(run).status == "succeeded"
    assert recorder.texts == ["a", "a"]


def test_a_retry_asks_again_once_there_is_somebody(anna, finish, money, recorder):
    run = finish(approval(), money)
    assert end_for_lack_of_people(asked(run))
    wake(asked(run))
    assert gone_on(run).error["code"] == "approval_nobody"
    on_runs.retry(run, NOBODY)
    assert gone_on(run).status == "waiting"
    assert [one.status for one in run.approvals.order_by("pk")] == ["nobody", "pending"]
    decide(run, anna)
    assert gone_on(run).status == "succeeded"
    assert recorder.texts == ["a"]


@pytest.mark.parametrize(("people", "codes"), [(1, ["approval_few"]), (2, [])])
def test_on_demand_somebody_has_to_be_left_once_one_has_started_it(recorder, people, codes):
    for number in range(people):
        approver(f"person_{number}")
    source = on_demand(steps=[approval(question="Refund?")])
    found = validate(source).problems
    assert [one.code for one in found if one.code.startswith("approval_")] == codes
    # What an event starts, nobody has asked for.
    assert not [one for one in validate(document(approval())).problems if one.code == "approval_few"]


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"users": ["anna"], "escalate_after": 2, "more_users": ["ben"]}, ""),
        ({"users": ["anna"], "escalate_after": 2}, ""),
        ({"users": ["anna"], "escalate_after": 7, "more_users": ["ben"]}, "late_escalation"),
        ({"users": ["anna"], "escalate_after": 10**12, "more_users": ["ben"]}, "late_escalation"),
        ({"users": ["anna"], "more_users": ["ben"]}, "no_escalation"),
        ({"users": ["anna"], "escalate_after": 2, "more_users": ["anna"]}, "escalation_nobody"),
        ({"users": ["anna"], "escalate_after": 2, "more_users": ["clerk"]}, "escalation_nobody"),
        ({"escalate_after": 2, "more_users": ["ben"]}, "escalation_nobody"),
    ],
)
def test_an_escalation_needs_a_time_and_somebody_further(anna, recorder, money, inputs, code):
    approver("ben")
    user_with_role("viewer", username="clerk")
    problems = validate(document(approval(**inputs), money)).problems
    assert [one.code for one in problems if "escalation" in one.code] == ([code] if code else [])


def test_what_has_changed_is_asked_by_the_same_terms(anna, finish, money, recorder):
    approver("ben")
    run = finish(approval(users=["anna"], escalate_after=2, more_users=["ben"]), money)
    Approval.objects.update(would=[{**asked(run).would[0], "digest": "0" * 64}])
    decide(run, anna)
    gone_on(run)
    found = asked(run)
    assert (found.status, found.cause, found.more_users) == ("pending", "changed", ["ben"])
    assert found.escalate_at == found.asked_at + timedelta(days=2)
