"""Above an amount, money moves only once people have approved it, whatever the workflow says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions import errors, registry
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.blocks.approval import ApprovalBlock
from stripeflow.workflows.checks.setting_rules import RULES
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.engine.approved_share import limit_of
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Approval, Run, StepRun
from stripeflow.workflows.operations import on_runs, verbs
from stripeflow.workflows.operations.verbs import Verb
from tests.workflows.approvals import approval, approver, asked, decide
from tests.workflows.blocks.loop.steps import charges, holding, loop
from tests.workflows.documents import action, document
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

PAY = action("pay", "test.pay", text="50000")


@pytest.fixture(autouse=True)
def paying(recorder, settings):
    """The action `test.pay`, which moves as much as its text says, and knows it beforehand."""
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "APPROVE_ABOVE": {"usd": 10_000}}
    kind = recording_action(recorder, key="test.pay")
    kind.moves_money = True
    kind.moves = lambda _self, inputs: (int(inputs["text"]), "usd")

    def run(_self, inputs, context):
        context.reserve(amount=int(inputs["text"]), currency="USD")
        return recorder(inputs, context)

    kind.run = run
    with registry.temporarily(kind):
        yield kind


@pytest.fixture
def anna(db):
    return approver()


def gone_on(run):
    execute(run.pk)
    run.refresh_from_db()
    return run


def test_it_waits_until_it_is_approved(anna, finish, recorder):
    run = finish(PAY)
    assert (run.status, run.error["code"], recorder.texts) == ("waiting", "approval_needed", [])
    found = asked(run)
    assert (found.cause, found.path, found.sums) == ("amount", "pay", {"usd": 50_000})
    assert "$500.00 USD" in found.question
    assert gone_on(run).status == "waiting"
    StepRun.objects.update(started_at=timezone.now() - timedelta(days=3))
    decide(run, anna)
    assert gone_on(run).status == "succeeded"
    step = run.steps.get()
    assert (recorder.texts, step.attempts, step.group) == (["50000"], 1, 1)
    # Its time for further attempts begins with the decision.
    assert step.started_at > timezone.now() - timedelta(hours=1)


@pytest.mark.parametrize("step", [action("pay", "test.pay", text="10000")])
def test_less_needs_nobody(finish, recorder, step):
    assert finish(step).status == "succeeded"


def test_a_currency_that_is_not_named_is_always_asked_about(anna, finish, recorder, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "APPROVE_ABOVE": {"eur": 10_000_000}}
    run = finish(PAY)
    assert (run.status, recorder.texts) == ("waiting", [])
    assert "every amount of this currency" in asked(run).question
    decide(run, anna)
    assert gone_on(run).status == "succeeded"


@pytest.mark.parametrize(
    ("limits", "currency", "limit"),
    [
        ({}, "usd", None),
        ({"usd": 5}, "USD", 5),
        ({"usd": 0}, "usd", 0),
        ({"usd": 5}, "jpy", 0),
        ({"usd": 5, "other": 0}, "jpy", 0),
        ({"usd": 5, "other": None}, "jpy", None),
        ({"usd": 5, "other": None}, "usd", 5),
    ],
)
def test_which_amount_needs_nobody(limits, currency, limit, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "APPROVE_ABOVE": limits}
    assert limit_of(currency) == limit


@pytest.mark.parametrize(
    ("limits", "is_valid"),
    [
        ({"usd": 5, "other": None}, True),
        ({"other": 0}, True),
        ({"other": 5}, False),
        ({"other": False}, False),
        # Off is {}.
        ({"other": None}, False),
        ({"usd": None}, False),
        ({"USD": 5}, False),
    ],
)
def test_what_the_setting_may_say(limits, is_valid):
    assert RULES["APPROVE_ABOVE"].fits(limits) is is_valid


@pytest.mark.parametrize(("how", "code"), [("decline", "approval_declined"), ("late", "approval_timed_out")])
def test_without_an_approval_the_step_fails_and_a_retry_asks_again(anna, finish, recorder, how, code):
    run = finish(PAY)
    if how == "late":
        Approval.objects.update(due_at=timezone.now())
        Run.objects.update(due_at=timezone.now())
    else:
        decide(run, anna, how)
    assert gone_on(run).status == "failed"
    assert (run.error["code"], recorder.texts) == (code, [])
    verbs.perform(on_runs.get(run.pk), Verb.RETRY, NOBODY)
    assert gone_on(run).status == "waiting"
    decide(run, anna)
    assert gone_on(run).status == "succeeded"


def test_more_than_was_approved_is_asked_once_more(anna, finish, recorder):
    run = finish(PAY)
    found = asked(run)
    Approval.objects.update(would=[{**found.would[0], "amount": 49_999}])
    decide(run, anna)
    assert gone_on(run).status == "waiting"
    assert [one.status for one in run.approvals.order_by("pk")] == ["void", "pending"]
    assert recorder.texts == []


def test_an_approval_of_a_step_counts_if_people_saw_the_amount(anna, finish, recorder, paying):
    run = finish(approval(), PAY)
    decide(run, anna)
    assert gone_on(run).status == "succeeded"
    paying.moves = lambda _self, _inputs: None
    run = finish(approval(), PAY)
    decide(run, anna)
    assert gone_on(run).status == "waiting"
    assert asked(run).cause == "amount"


def test_nobody_left_moves_nothing(finish, recorder):
    run = finish(PAY)
    assert (run.status, run.error["code"], recorder.texts) == ("failed", "approval_nobody", [])


def test_done_again_after_an_unknown_outcome_needs_another_approval(anna, finish, recorder):
    from stripeflow.actions.errors import KeySpent

    run = finish(PAY)
    decide(run, anna)
    recorder.then(KeySpent("Nobody knows."))
    gone_on(run)
    for _round in range(3):
        if run.status != "outcome_unknown":
            Run.objects.filter(status="waiting").update(due_at=timezone.now())
            gone_on(run)
    assert run.status == "outcome_unknown"
    on_runs.do_again(on_runs.get(run.pk), NOBODY, revision=run.revision)
    assert gone_on(run).status == "waiting"
    assert asked(run).number == 2
    assert len(recorder.calls) == 1


def test_activation_says_it_as_a_warning_and_if_nobody_may(recorder):
    problems = validate(document(PAY)).problems
    said = [("approval_above", True), ("approval_nobody", True)]
    assert [(one.code, one.is_warning) for one in problems] == said
    approver()
    assert [one.code for one in validate(document(PAY)).problems] == ["approval_above"]
    assert "Above $100.00 USD, and with any amount of another currency" in problems[0].message


def test_an_approval_before_a_loop_is_for_one_call(anna, finish, recorder, monkeypatch):
    monkeypatch.setattr(ApprovalBlock, "further_problems", lambda _block, _check: ())
    run = finish(approval(), loop(PAY), obj=holding(*charges(2)))
    decide(run, anna)
    recorder.then(errors.TransientError("Later."))
    assert gone_on(run).status == "waiting"
    # As if it stood where it covers no step by itself.
    Approval.objects.update(path="before")
    Run.objects.update(due_at=timezone.now())
    assert gone_on(run).status == "waiting"
    assert (recorder.texts, asked(run).path) == (["50000", "50000"], "each/ch_1/pay")
    assert asked(run).cause == "amount"
