"""Several items of a loop at once: what may, what is begun and finished, and that it is once."""

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions import errors, registry
from stripeflow.workflows import lending
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.giving_up import _unanswered
from stripeflow.workflows.history.items import RunRecords, status_label
from stripeflow.workflows.limits import switch
from stripeflow.workflows.models import Approval, LoopItem, Run, Workflow
from stripeflow.workflows.models.limits import Spending
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from stripeflow.workflows.states import RunStatus
from tests.workflows.approvals import approval, approver, decide
from tests.workflows.blocks.loop.steps import charges, holding, loop
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action, branch, compare, document, group, way
from tests.workflows.recording import recording_action, reserving_action

SOON = 60.0
NOTE = action("note", text="{{ item.id }}")
NO, LATER = errors.PermanentError("No."), errors.TransientError("Later.")
HISTORY = {"key": "say", "type": "note", "name": "", "inputs": {"text": "{{ item.id }}"}}


def items(run):
    return list(LoopItem.objects.filter(loop__run=run).order_by("number").values_list("key", "status"))


def keys_of(recorder):
    return {
        text: {key for one, key in zip(recorder.texts, recorder.keys, strict=True) if one == text}
        for text in recorder.texts
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("step", "said"),
    [
        pytest.param(action("two", "test.ask", text="a"), "“Record” cannot run", id="could happen twice"),
        pytest.param(wait(), "“Wait 3 days” cannot run", id="waits"),
        pytest.param(approval(), "“Approval” cannot run", id="asks people"),
        pytest.param(loop(NOTE, key="inner"), "“Loop over a list” cannot run", id="a loop inside"),
        pytest.param(NOTE, "", id="keyed"),
        pytest.param(action("two", "test.safe", text="a"), "", id="only reads"),
        pytest.param(HISTORY, "", id="note"),
    ],
)
def test_only_what_can_be_repeated_and_does_not_wait_runs_at_once(recorder, step, said):
    """Also in a branch; one item after the other, each of them may."""
    inside = branch("choose", way("large", group(compare("item.id", "exists")), step))
    found = validate(document(loop(inside, parallel=3)))
    messages = [one.message for one in found.problems if one.code == "not_at_once"]
    assert [message[: len(said)] for message in messages] == ([said] if said else [])
    assert not [one for one in validate(document(loop(inside))).problems if one.code == "not_at_once"]


@pytest.mark.django_db
def test_a_dry_run_says_how_many_run_at_once(recorder):
    steps = document(loop(NOTE, over="{{ trigger.lines }}", parallel=4), event_type="invoice.paid")
    [step] = rehearse_sample(script_of(lifecycle.create(steps))).found.steps
    count = len(step.lanes)
    assert ("Up to 4 run at once." in step.note) is (count > 1)


@pytest.mark.django_db
@pytest.mark.parametrize("at_once", [1, 3])
def test_rules_outputs_and_a_retry_are_those_of_one_item_after_the_other(finish, recorder, at_once):
    recorder.then(dict, NO)
    body = [HISTORY, NOTE]
    run = finish(loop(*body, parallel=at_once), obj=holding(*charges(4)))
    assert (run.status, run.error["code"]) == (RunStatus.FAILED, "loop_too_many_failed")
    assert [status for _key, status in items(run)] == ["succeeded", "failed", "pending", "pending"]
    on_runs.retry(run, NOBODY)
    execute(run.pk)
    given = run.steps.get(path="each", superseded_at=None).outputs
    assert (given["succeeded"], given["failed"]) == (4, 0)
    assert [one["text"] for one in given["items"]] == [f"ch_{number}" for number in range(4)]
    assert recorder.texts == ["ch_0", "ch_1", "ch_1", "ch_2", "ch_3"]


@pytest.mark.django_db
def test_also_inside_another_loop_and_over_pages(finish, recorder, shelf):
    inner = loop(NOTE, key="inner", over="{{ item.rows }}", parallel=2)
    rows = [{"id": f"gr_{number}", "rows": charges(2)} for number in range(2)]
    run = finish(loop(inner), obj=holding(*rows))
    assert run.status == RunStatus.SUCCEEDED
    assert set(recorder.keys) == {
        f"stripeflow:{run.pk}:each/gr_{outer}/inner/ch_{number}/note:1"
        for outer in (0, 1)
        for number in (0, 1)
    }
    listing = action("all", "test.pages", limit=2)
    run = finish(listing, loop(NOTE, over="{{ steps.all.data }}", pages="all", parallel=2))
    assert (run.status, [after for after, _limit in shelf.asked]) == (
        RunStatus.SUCCEEDED,
        ["", "ch_1", "ch_3"],
    )
    assert items(run) == [(f"ch_{number}", "succeeded") for number in range(5)]


@pytest.mark.django_db
def test_a_page_that_cannot_be_read_lets_those_under_way_end(finish, recorder, shelf):
    shelf.then = [None, NO]
    listing = action("all", "test.pages", limit=2)
    over = loop(NOTE, over="{{ steps.all.data }}", pages="all", parallel=2, if_item_fails="go_on")
    run = finish(listing, over)
    assert (run.status, run.error["step"]) == (RunStatus.FAILED, "each")
    assert items(run) == [("ch_0", "succeeded"), ("ch_1", "pending")]


@pytest.mark.django_db
def test_what_was_begun_is_finished_although_the_loop_stops(finish, recorder):
    """A worker that died has left it under way; others do not begin any more."""
    recorder.then(LATER)
    run = finish(loop(NOTE, parallel=2), obj=holding(*charges(4)))
    assert (run.status, items(run)[0]) == (RunStatus.WAITING, ("ch_0", "pending"))
    LoopItem.objects.filter(loop__run=run).update(due_at=None)
    begun = LoopItem.objects.filter(loop__run=run, key="ch_2")
    begun.update(started_at=timezone.now())
    Run.objects.update(due_at=timezone.now())
    recorder.then(NO)
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert items(run) == [("ch_0", "failed"), ("ch_1", "pending"), ("ch_2", "succeeded"), ("ch_3", "pending")]


@pytest.mark.django_db
def test_an_item_waits_by_itself_for_its_next_attempt(finish, recorder):
    """Another one that is due before takes none of its attempts."""
    recorder.then(LATER)
    run = finish(loop(NOTE, parallel=2, if_item_fails="go_on"), obj=holding(*charges(3)))
    first = LoopItem.objects.get(loop__run=run, key="ch_0")
    assert (run.status, run.due_at) == (RunStatus.WAITING, first.due_at)
    assert (recorder.texts, status_label(first, run)) == (["ch_0"], "In progress")
    later = timezone.now() + timedelta(hours=1)
    LoopItem.objects.filter(pk=first.pk).update(due_at=later)
    LoopItem.objects.filter(loop__run=run, key="ch_1").update(started_at=timezone.now())
    Run.objects.update(due_at=timezone.now())
    execute(run.pk)
    run.refresh_from_db()
    assert (recorder.texts, run.status, run.due_at) == (["ch_0", "ch_1"], RunStatus.WAITING, later)
    LoopItem.objects.filter(pk=first.pk).update(due_at=timezone.now())
    Run.objects.update(due_at=timezone.now())
    execute(run.pk)
    run.refresh_from_db()
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["ch_0", "ch_1", "ch_0", "ch_2"])


@pytest.mark.django_db
def test_a_decision_lets_the_item_go_on_that_waits_for_it(finish, recorder, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "APPROVE_ABOVE": {"usd": 10}}
    anna = approver()
    kind = recording_action(recorder, key="test.pay")
    kind.moves_money = True
    kind.moves = lambda _self, _inputs: (100, "usd")

    def run(_self, inputs, context):
        context.reserve(amount=100, currency="usd")
        return recorder(inputs, context)

    kind.run = run
    with registry.temporarily(kind):
        pay = action("pay", "test.pay", text="{{ item.id }}")
        run = finish(loop(pay, parallel=2), obj=holding(*charges(1)))
        assert (run.status, run.error["code"], recorder.texts) == ("waiting", "approval_needed", [])
        decide(run, anna)
        execute(run.pk)
    run.refresh_from_db()
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["ch_0"])
    assert Approval.objects.get().path == "each/ch_0/pay"


@pytest.mark.django_db
def test_of_several_that_are_under_way_a_person_is_asked_about_those_that_may_have_acted(start, recorder):
    """The last one of them, and its item is shown."""
    run = start(loop(NOTE, parallel=3), obj=holding(*charges(3)))
    recorder.then(errors.UnknownOutcome("No answer."))
    execute(run.pk)
    run.steps.filter(path__endswith="note").update(status="started")
    read = action("read", "test.safe", text="a")
    row = run.steps.get(path="each/ch_0/note")
    row.pk, row.path, row.action, row.idempotency_key = None, "each/ch_1/note", read["action"], "other"
    row.made_id = None
    row.save(force_insert=True)
    assert _unanswered(run.pk).path == "each/ch_0/note"
    for key in ("ch_1", "ch_2"):
        LoopItem.objects.filter(loop__run=run, key=key).update(started_at=timezone.now())
    run.steps.filter(path="each/ch_1/note").update(status="outcome_unknown")
    run.status = RunStatus.OUTCOME_UNKNOWN
    assert RunRecords(run).loops["each"].shown.key == "ch_1"


@pytest.mark.django_db(transaction=True)
class TestInThreads:
    @pytest.fixture(autouse=True)
    def closed(self):
        yield
        lending.close_free()

    def test_so_many_are_under_way_and_no_more(self, finish, recorder):
        together, under_way, most = threading.Barrier(3, timeout=SOON), [], []

        def meet():
            under_way.append(1)
            most.append(len(under_way))
            together.wait()
            under_way.pop()
            together.wait()
            return {}

        recorder.then(*[meet] * 6)
        run = finish(loop(NOTE, action("two", text="b"), parallel=3), obj=holding(*charges(3)))
        assert (run.status, max(most)) == (RunStatus.SUCCEEDED, 3)
        assert items(run) == [(f"ch_{number}", "succeeded") for number in range(3)]
        assert all(len(keys) == 1 for text, keys in keys_of(recorder).items() if text != "b")

    def test_after_one_has_failed_those_under_way_end_and_no_other_begins(self, finish, recorder):
        together = threading.Barrier(3, timeout=SOON)

        def fail():
            together.wait()
            raise NO

        def end_later():
            together.wait()
            deadline = time.monotonic() + SOON
            while not LoopItem.objects.filter(status="failed").exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            return {}

        recorder.then(end_later, fail, end_later)
        run = finish(loop(NOTE, parallel=3), obj=holding(*charges(6)))
        assert (run.status, run.error["code"]) == (RunStatus.FAILED, "loop_too_many_failed")
        statuses = [status for _key, status in items(run)]
        assert (sorted(statuses[:3]), len(recorder.texts)) == (["failed", "succeeded", "succeeded"], 3)
        assert statuses[3:] == ["pending"] * 3

    @pytest.mark.parametrize("by", ["switch", "cancel"])
    def test_what_stops_the_run_lets_the_calls_under_way_end_and_no_further_one_begin(
        self, start, recorder, by
    ):
        together = threading.Barrier(3, timeout=SOON)
        run = start(loop(NOTE, action("two", text="b"), parallel=3), obj=holding(*charges(5)))

        def stop():
            if together.wait() == 0:
                switch.stop() if by == "switch" else on_runs.cancel(run, NOBODY)
            together.wait()
            return {}

        recorder.then(*[stop] * 3)
        execute(run.pk)
        run.refresh_from_db()
        assert (len(recorder.texts), run.status) == (3, "held" if by == "switch" else "canceled")
        if by == "switch":
            assert set(run.steps.filter(path__endswith="note").values_list("status", flat=True)) == {
                "succeeded"
            }
            switch.start()
            execute(run.pk)
            run.refresh_from_db()
            assert (run.status, len(recorder.texts)) == (RunStatus.SUCCEEDED, 10)
            assert all(len(keys) == 1 for text, keys in keys_of(recorder).items() if text != "b")

    def test_a_cap_holds_for_all_that_reserve_at_once(self, start, recorder):
        together = threading.Barrier(5, timeout=SOON)
        with registry.temporarily(reserving_action(recorder, together)):
            pay = action("pay", "test.money", text="a")
            run = start(loop(pay, parallel=5, if_item_fails="go_on"), obj=holding(*charges(5)))
            Workflow.objects.update(refund_caps={"usd": 300})
            execute(run.pk)
        assert sorted(status for _key, status in items(run)) == ["failed"] * 2 + ["succeeded"] * 3
        assert set(Spending.objects.values_list("amount", flat=True)) == {300}

    def test_a_defect_in_one_thread_is_raised_once_the_others_are_done(self, start, recorder, monkeypatch):
        from stripeflow.workflows.engine import several_items

        run = start(loop(NOTE, parallel=3, if_item_fails="go_on"), obj=holding(*charges(3)))
        ended = several_items.end_item

        def broken(claim, item, error):
            if item.key == "ch_1":
                raise ZeroDivisionError
            ended(claim, item, error)

        monkeypatch.setattr(several_items, "end_item", broken)
        execute(run.pk)
        run.refresh_from_db()
        assert (run.status, run.error["code"]) == (RunStatus.FAILED, "engine_crashed")
        assert sorted(recorder.texts) == ["ch_0", "ch_1", "ch_2"]
        monkeypatch.undo()
