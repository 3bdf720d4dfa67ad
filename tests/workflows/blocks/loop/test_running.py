"""A loop over a list: what runs for which item, what is recorded, and what becomes of the run."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.engine import execution
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Loop, LoopItem, Run
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.states import RunStatus
from tests.workflows.blocks.loop.steps import charge, charges, holding, loop
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action, branch, compare, failing, group, way
from tests.workflows.events import rewrite

pytestmark = pytest.mark.django_db

NOTE = action("note", text="{{ item.id }}")
NO = errors.PermanentError("No.")


def over(run):
    """How the items ended, and what the loop gave."""
    return list(LoopItem.objects.filter(loop__run=run).values_list("key", "status"))


def outputs(run, path="each"):
    return run.steps.filter(path=path, superseded_at=None).get().outputs


def test_each_item_is_known_inside_and_has_its_own_records(finish, recorder):
    run = finish(loop(NOTE), obj=holding(*charges(2)))
    assert run.status == RunStatus.SUCCEEDED
    assert recorder.texts == ["ch_0", "ch_1"]
    assert recorder.keys == [f"stripeflow:{run.pk}:each/ch_{number}/note:1" for number in (0, 1)]
    # By it a refund is found again: with the same for each item, that of another one would be taken for its.
    assert [context.step_key for _inputs, context in recorder.calls] == ["each/ch_0/note", "each/ch_1/note"]
    assert over(run) == [("ch_0", "succeeded"), ("ch_1", "succeeded")]


def test_what_it_gives(finish):
    given = loop(NOTE, sum_of="amount")
    run = finish(
        given,
        action("last", text="{{ steps.each.count }} {{ steps.each.sum | money }}"),
        obj=holding(charge(1, 1000), charge(2, 250)),
    )
    assert outputs(run) == {
        "count": 2,
        "succeeded": 2,
        "failed": 0,
        "duplicates": 0,
        "is_cut": False,
        "sum": 1250,
        "currency": "usd",
        "first": charge(1, 1000),
        "last": charge(2, 250),
        "items": [{"text": "ch_1"}, {"text": "ch_2"}],
    }
    assert outputs(run, "last") == {"text": "2 $12.50 USD"}


@pytest.mark.parametrize(
    "items",
    [
        [charge(1), charge(2, currency="eur")],
        [charge(1), {"id": "ch_2"}],
        [charge(1), charge(2, amount="3")],
    ],
)
def test_a_sum_that_is_not_known_is_not_given(finish, items):
    run = finish(loop(NOTE, sum_of="amount"), obj=holding(*items))
    assert "sum" not in outputs(run)


def test_an_empty_list_is_no_round_and_no_failure(finish, recorder):
    run = finish(loop(NOTE), action("last", text="b"), obj=holding())
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["b"])
    assert outputs(run)["count"] == 0


def test_an_id_that_comes_twice_is_taken_once_and_counted(finish, recorder):
    run = finish(loop(NOTE), obj=holding(charge(1), charge(1), charge(2)))
    assert recorder.texts == ["ch_1", "ch_2"]
    assert (outputs(run)["count"], outputs(run)["duplicates"]) == (2, 1)


def test_a_list_that_is_too_long_fails_before_any_item_runs(finish, recorder):
    run = finish(loop(NOTE, max_items=2), obj=holding(*charges(3)))
    assert (run.status, recorder.texts) == (RunStatus.FAILED, [])
    assert (run.error["code"], run.error["message"]) == (
        "loop_limit_reached",
        "The list has 3 items, and the step takes at most 2. None has run.",
    )


def test_of_a_list_that_is_too_long_the_first_are_taken_where_that_is_chosen(finish, recorder):
    run = finish(loop(NOTE, max_items=2, at_limit="take_first"), obj=holding(*charges(3)))
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["ch_0", "ch_1"])
    assert outputs(run)["is_cut"] is True


def test_a_list_that_stripe_has_cut_is_not_taken_for_the_whole(finish, recorder):
    cut = {"object": "list", "has_more": True, "data": charges(2)}
    for path in ("lines", "lines.data"):
        run = finish(loop(NOTE, over=f"{{{{ trigger.{path} }}}}"), obj=holding(lines=cut))
        assert (run.status, run.error["code"], recorder.texts) == ("failed", "loop_list_incomplete", [])


def test_what_is_no_list_fails_the_step(finish, recorder):
    run = finish(loop(NOTE, over="{{ trigger.oddity }}"), obj=holding(oddity="a"))
    assert (run.status, run.error["code"], recorder.texts) == (RunStatus.FAILED, "invalid_input", [])


def test_the_list_is_frozen_before_the_first_item_runs(start, recorder):
    run = start(loop(NOTE), obj=holding(*charges(3)))
    recorder.then(lambda: rewrite(run.event, rows=[charge(9)]) or {}, die)
    with pytest.raises(KeyboardInterrupt):
        execute(run.pk)
    expire(run)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["ch_0", "ch_1", "ch_1", "ch_2"]


@pytest.mark.parametrize(
    ("inputs", "texts", "status", "code"),
    [
        ({}, ["ch_0", "ch_1"], "failed", "loop_too_many_failed"),
        ({"most_failed": 1}, ["ch_0", "ch_1", "ch_2", "last"], "succeeded", None),
        ({"if_item_fails": "fail_at_end"}, ["ch_0", "ch_1", "ch_2"], "failed", "loop_too_many_failed"),
        ({"if_item_fails": "go_on"}, ["ch_0", "ch_1", "ch_2", "last"], "succeeded", None),
    ],
)
def test_an_item_that_fails_ends_itself_and_the_rule_decides_about_the_others(
    finish, recorder, inputs, texts, status, code
):
    recorder.then(dict, NO)
    run = finish(loop(NOTE, **inputs), action("last", text="last"), obj=holding(*charges(3)))
    assert (recorder.texts, run.status, run.error and run.error["code"]) == (texts, status, code)
    assert over(run)[:2] == [("ch_0", "succeeded"), ("ch_1", "failed")]
    failed = LoopItem.objects.get(loop__run=run, key="ch_1")
    assert (failed.error["step"], failed.error["message"]) == ("note", "No.")


def test_the_error_names_the_loop_and_the_first_items_that_failed(finish, recorder):
    recorder.then(NO)
    run = finish(loop(NOTE), obj=holding(*charges(2)))
    assert run.error["step"] == "each"
    assert run.error["details"] == {"items": [{"number": 0, "key": "ch_0", "object_id": "ch_0"}]}


def test_what_an_item_that_failed_gave_is_null(finish, recorder):
    recorder.then(NO)
    run = finish(loop(NOTE, if_item_fails="go_on", sum_of="amount"), obj=holding(*charges(2)))
    found = outputs(run)
    assert (found["items"], found["succeeded"], found["failed"]) == ([None, {"text": "ch_1"}], 1, 1)
    assert found["sum"] == 100


def test_a_retry_takes_the_failed_items_and_those_behind_them_and_repeats_nothing(finish, recorder):
    recorder.then(dict, NO)
    run = finish(loop(action("first", text="{{ item.id }}")), obj=holding(*charges(3)))
    on_runs.retry(run, NOBODY)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["ch_0", "ch_1", "ch_1", "ch_2"]
    assert recorder.keys[2].endswith("each/ch_1/first:2")
    assert list(LoopItem.objects.order_by("number").values_list("retries", flat=True)) == [0, 1, 0]


def test_a_retry_goes_on_inside_of_the_item_at_the_step_that_failed(finish, recorder):
    recorder.then(dict, NO)
    run = finish(
        loop(action("one", text="one"), action("two", text="two"), if_item_fails="fail_at_end"),
        obj=holding(charge(1)),
    )
    on_runs.retry(run, NOBODY)
    execute(run.pk)
    assert recorder.texts == ["one", "two", "two"]


def test_a_retry_reaches_the_failed_items_of_loops_inside_of_loops(finish, recorder):
    recorder.then(dict, NO, dict, dict)
    inner = loop(NOTE, key="inner", over="{{ item.lines }}", if_item_fails="fail_at_end")
    items = [{"id": f"sub_{one}", "lines": [charge(f"{one}{two}") for two in (1, 2)]} for one in (1, 2)]
    run = finish(loop(inner, if_item_fails="fail_at_end"), obj=holding(*items))
    assert recorder.texts == ["ch_11", "ch_12", "ch_21", "ch_22"]
    assert (run.status, run.error["step"]) == (RunStatus.FAILED, "each")
    on_runs.retry(run, NOBODY)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts[4:] == ["ch_12"]
    assert recorder.keys[-1].endswith("each/sub_1/inner/ch_12/note:2")


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("point", ["call", "item", "summary"])
def test_a_worker_that_dies_anywhere_doubles_no_item(start, recorder, monkeypatch, number, point):
    run = start(loop(NOTE), action("last", text="last"), obj=holding(*charges(3)))
    if point == "call":
        recorder.then(*[dict] * number, die)
    else:
        target = {
            "item": "stripeflow.workflows.engine.loop_items.Rounds.end",
            "summary": "stripeflow.workflows.blocks.loop.base.summary_of",
        }[point]
        monkeypatch.setattr(target, dying_after(target, number if point == "item" else 0))
    with pytest.raises(KeyboardInterrupt):
        execute(run.pk)
    monkeypatch.undo()
    expire(run)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert sorted(set(recorder.keys)) == sorted(
        f"stripeflow:{run.pk}:{path}:1" for path in [*(f"each/ch_{one}/note" for one in range(3)), "last"]
    )
    # Only the call without an answer is sent again, with its own key.
    assert len(recorder.keys) == 4 + (point == "call")


def test_a_worker_that_dies_while_the_list_is_recorded_leaves_nothing_of_it(start, recorder, monkeypatch):
    run = start(loop(NOTE), obj=holding(*charges(3)))
    monkeypatch.setattr(LoopItem.objects, "bulk_create", lambda *_args, **_options: die())
    with pytest.raises(KeyboardInterrupt):
        execute(run.pk)
    assert not run.steps.exists()
    assert not Loop.objects.exists()
    monkeypatch.undo()
    expire(run)
    execute(run.pk)
    assert recorder.texts == ["ch_0", "ch_1", "ch_2"]


def test_a_run_makes_room_between_items_and_goes_on_at_the_next_one(start, recorder, settings, monkeypatch):
    run = start(loop(NOTE), obj=holding(*charges(4)))
    loaded = []
    recorded = execution.Execution._recorded

    def noted(self, frame):
        loaded.append(frame.prefix)
        return recorded(self, frame)

    monkeypatch.setattr(execution.Execution, "_recorded", noted)
    monkeypatch.setattr(execution.time, "monotonic", Steps())
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "RUN_SECONDS": 4}
    rounds = 0
    while execute(run.pk) is not RunStatus.SUCCEEDED:
        rounds += 1
        assert rounds < 20
    assert rounds > 1
    assert recorder.texts == ["ch_0", "ch_1", "ch_2", "ch_3"]
    # No claim walks an item again that an earlier one has done, but the one at which it made room.
    assert len([prefix for prefix in loaded if prefix]) <= 4 + rounds


def test_an_unknown_outcome_inside_stops_the_run_there(finish, recorder):
    recorder.then(errors.UnknownOutcome("Timeout."))
    run = finish(
        loop(action("ask", "test.ask", text="{{ item.id }}"), if_item_fails="go_on"), obj=holding(*charges(2))
    )
    assert (run.status, recorder.texts) == (RunStatus.OUTCOME_UNKNOWN, ["ch_0"])
    on_runs.deny(run, NOBODY, revision=run.revision)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["ch_0", "ch_1"]
    assert over(run) == [("ch_0", "failed"), ("ch_1", "succeeded")]


def test_an_undecided_branch_inside_holds_the_run(finish, recorder):
    large = way("large", group(compare("item.missing", "equal", "a")), NOTE)
    run = finish(loop({**branch("choose", large), "if_undecided": "stop"}), obj=holding(*charges(2)))
    assert run.status == RunStatus.HELD
    for chosen in ("large", "otherwise"):
        on_runs.choose(run, chosen, NOBODY, revision=run.revision)
        execute(run.pk)
        run.refresh_from_db()
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["ch_0"])


def test_a_wait_inside_lets_the_run_wait_and_no_other_item_begin(finish, recorder):
    run = finish(loop(wait(amount=1, unit="minutes"), NOTE), obj=holding(*charges(2)))
    for _number in range(2):
        assert run.status == RunStatus.WAITING
        Run.objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        run.steps.filter(status="waiting", due_at__isnull=False).update(due_at=timezone.now())
        execute(run.pk)
        run.refresh_from_db()
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["ch_0", "ch_1"])


def test_an_error_branch_runs_in_place_of_the_rest_of_its_item(finish, recorder):
    recorder.then(NO)
    step = failing(action("step", text="{{ item.id }}"), action("instead", text="sorry"))
    run = finish(
        loop(step, action("rest", text="rest")), action("last", text="last"), obj=holding(*charges(2))
    )
    assert recorder.texts == ["ch_0", "sorry", "ch_1", "rest", "last"]
    assert over(run) == [("ch_0", "succeeded"), ("ch_1", "succeeded")]
    assert run.status == RunStatus.SUCCEEDED


def test_steps_of_an_item_know_what_its_earlier_steps_gave(finish, recorder):
    give = action("give", text="{{ item.id }}")
    run = finish(loop(give, action("note", text="{{ steps.give.text }}")), obj=holding(*charges(2)))
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["ch_0", "ch_0", "ch_1", "ch_1"])


def test_a_canceled_run_begins_no_further_item(start, recorder):
    run = start(loop(NOTE), obj=holding(*charges(3)))
    recorder.then(lambda: on_runs.cancel(run, NOBODY) or {})
    execute(run.pk)
    run.refresh_from_db()
    assert (run.status, recorder.texts) == (RunStatus.CANCELED, ["ch_0"])


def test_a_first_item_that_holds_a_very_long_key_has_an_idempotency_key_that_stripe_takes(finish, recorder):
    deep = loop(action("s" * 60, text="a"), key="i" * 60, over="{{ item.lines }}")
    items = [{"id": "sub_" + "a" * 36, "lines": [{"id": "il_" + "b" * 37}]}]
    run = finish(loop(deep, key="o" * 60), obj=holding(*items))
    assert run.status == RunStatus.SUCCEEDED
    assert max(map(len, recorder.keys)) <= 255


def die():
    raise KeyboardInterrupt


def dying_after(target, times):
    """The function of this name, which dies once it was called so often."""
    from django.utils.module_loading import import_string

    owner, _dot, name = target.rpartition(".")
    found = getattr(import_string(owner), name) if owner.endswith("Rounds") else import_string(target)
    calls = iter(range(1000))

    def function(*arguments):
        if next(calls) == times:
            die()
        return found(*arguments)

    return function


def expire(run):
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


class Steps:
    """A clock that goes on by a second each time that it is looked at."""

    def __init__(self):
        self.seconds = 0

    def __call__(self):
        self.seconds += 1
        return self.seconds
