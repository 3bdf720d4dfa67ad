"""A loop over a list that a step lists a page at a time: what is read, when, and what becomes of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing
from stripeflow.workflows.models import Loop, LoopItem, Run
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.rehearsal.stored import given_sample
from stripeflow.workflows.rehearsal.walking import rehearse
from stripeflow.workflows.states import RunStatus
from tests.actions.conftest import running_standin, standin  # noqa: F401 - fixtures
from tests.workflows.blocks.loop.steps import charge, charges, holding, loop
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db
NOTE = action("note", text="{{ item.id }}")
BUSY = errors.TransientError("Busy.", code="rate_limited", retry_after=60)
IDS = [f"ch_{number}" for number in range(5)]


def listing(limit=2, **inputs):
    return action("all", "test.pages", limit=limit, **inputs)


def paged(*steps, **inputs):
    return loop(*(steps or [NOTE]), over="{{ steps.all.data }}", **{"pages": "all", **inputs})


def again(run):
    """Let the run have its next turn at once."""
    past = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(pk=run.pk).update(due_at=past, lease_expires_at=past)
    execute(run.pk)
    run.refresh_from_db()
    return run


def test_all_pages_of_a_stripe_list_are_read_behind_the_last_id_of_the_one_before(
    finish,
    standin,  # noqa: F811
    recorder,
):
    ids = [standin.create_customer()["id"] for _number in range(5)][::-1]
    # What the loop does to an item must not hide the page behind it.
    delete = action("delete", "stripe.customers.delete", customer="{{ item.id }}")
    steps = action("all", "stripe.customers.list", limit=2), paged(NOTE, delete)
    run = finish(*steps)
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ids)
    asked = [one["params"] for one in standin.requests(method="GET", path="/v1/customers")]
    assert [one.get("starting_after") for one in asked] == [None, ids[1], ids[3]]
    assert {one["limit"] for one in asked} == {"2"}


def test_a_page_is_recorded_before_its_first_item_runs_and_no_sooner_than_it_is_needed(
    finish, shelf, recorder
):
    seen = []
    recorder.then(*[lambda: seen.append((len(shelf.asked), LoopItem.objects.count())) or {}] * 5)
    run = finish(listing(), paged())
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, IDS)
    assert seen == [(1, 2), (2, 4), (2, 4), (3, 5), (3, 5)]
    assert shelf.asked == [("", 2), ("ch_1", 2), ("ch_3", 2)]
    found = Loop.objects.get()
    assert (found.pages, found.count, found.is_complete, found.cursor, found.attempts) == (3, 5, True, "", 0)
    assert found.first_read_at < found.last_read_at


def test_a_page_that_fails_is_read_again_by_the_rules_of_the_step_that_lists(finish, shelf, recorder):
    shelf.then = [None, BUSY, errors.TransientError("Down.", code="api_error")]
    run = finish({**listing(), "retry": {"max_attempts": 3}}, paged())
    assert (run.status, run.error["code"], run.error["step"]) == ("waiting", "rate_limited", "each")
    assert run.due_at > timezone.now() + timedelta(seconds=50)
    assert (recorder.texts, Loop.objects.get().attempts) == (["ch_0"], 1)
    assert again(run).error["code"] == "api_error"
    assert again(run).status == RunStatus.SUCCEEDED
    assert recorder.texts == IDS
    assert shelf.asked[1:4] == [("ch_1", 2)] * 3


def test_once_the_attempts_are_used_up_the_loop_fails_and_a_retry_goes_on_at_that_page(
    finish, shelf, recorder
):
    shelf.then = [None, BUSY, BUSY]
    run = again(finish({**listing(), "retry": {"max_attempts": 2}}, paged()))
    assert (run.status, run.error["code"], run.error["step"]) == ("failed", "rate_limited", "each")
    on_runs.retry(run, NOBODY)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == IDS
    assert [after for after, _limit in shelf.asked] == ["", "ch_1", "ch_1", "ch_1", "ch_3"]


def test_a_page_that_ends_each_of_its_workers_fails_the_loop(start, shelf, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_INTERRUPTIONS": 2}
    shelf.then = [None, *[KeyboardInterrupt()] * 9]
    run = start({**listing(), "retry": {"max_attempts": 1}}, paged())
    for _number in range(3):
        with pytest.raises(KeyboardInterrupt):
            again(run)
    assert (again(run).status, run.error["code"]) == (RunStatus.FAILED, "interrupted")


def test_a_worker_that_lost_the_run_does_not_say_that_its_loop_has_failed(start, shelf, recorder):
    run = start({**listing(), "on_error": "stop"}, paged())

    def taken_over():
        shelf.then = [None]
        assert again(run).status == RunStatus.SUCCEEDED
        raise errors.PermanentError("Gone.")

    shelf.then = [None, taken_over]
    execute(run.pk)
    run.refresh_from_db()
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, IDS)
    assert run.steps.get(path="each").status == "succeeded"


def test_our_own_rate_limit_is_no_attempt(finish, shelf):
    shelf.then = [None, *[errors.Throttled("Slow.", retry_after=1)] * 3]
    run = finish({**listing(), "retry": {"max_attempts": 1}}, paged())
    for _number in range(3):
        assert (run.status, Loop.objects.get().attempts) == (RunStatus.WAITING, 0)
        again(run)
    assert run.status == RunStatus.SUCCEEDED


def test_a_refused_key_holds_the_run_until_its_workflow_is_resumed(finish, shelf):
    shelf.then = [None, errors.AuthenticationFailed("No.")]
    run = finish(listing(), paged())
    assert (run.status, run.held_reason, run.error["step"]) == (RunStatus.HELD, "account_paused", "each")
    pausing.resume(run.workflow_id)
    assert execute(run.pk) is RunStatus.SUCCEEDED


def test_nothing_is_asked_while_a_gate_is_closed(start, shelf, recorder):
    run = start(listing(), paged())
    recorder.then(lambda: pausing.pause(run.workflow_id, "Stop.") and {})
    assert execute(run.pk) is RunStatus.HELD
    assert (recorder.texts, shelf.asked, Loop.objects.get().attempts) == (["ch_0"], [("", 2)], 0)


@pytest.mark.parametrize(
    ("inputs", "texts", "code", "asked"),
    [
        ({"max_items": 4}, IDS[:1], "loop_limit_reached", [("", 2), ("ch_1", 2)]),
        ({"max_items": 2}, [], "loop_limit_reached", [("", 2)]),
        ({"max_items": 3, "at_limit": "take_first"}, IDS[:3], None, [("", 2), ("ch_1", 1)]),
        ({"max_items": 5}, IDS, None, [("", 2), ("ch_1", 2), ("ch_3", 1)]),
        ({"pages": "first"}, [], "loop_list_incomplete", [("", 2)]),
        ({"pages": "first", "at_limit": "take_first"}, IDS[:2], None, [("", 2)]),
        ({"pages": None, "at_limit": "take_first"}, IDS[:2], None, [("", 2)]),
    ],
)
def test_how_many_items_are_taken(finish, shelf, recorder, inputs, texts, code, asked):
    run = finish(listing(), paged(**inputs))
    assert (recorder.texts, run.error and run.error["code"], shelf.asked) == (texts, code, asked)


def test_the_limit_says_how_many_have_run(finish, shelf):
    said = finish(listing(), paged(max_items=4)).error["message"]
    assert said.endswith("4 items, which is the most that the step takes. Items that have run: 1.")


def test_an_item_that_comes_on_two_pages_is_taken_once(finish, shelf, recorder):
    twice = {"object": "list", "data": [charge(1), charge(2)], "has_more": True}
    shelf.then = [None, twice]
    finish(listing(), paged())
    assert (recorder.texts, Loop.objects.get().duplicates) == (IDS, 1)


@pytest.mark.parametrize(
    "page",
    [
        {"object": "list", "data": charges(2), "has_more": True},
        {"object": "list", "data": [], "has_more": True},
        {"object": "list", "data": [{"amount": 1}], "has_more": True},
        {"object": "charge"},
    ],
)
def test_a_page_that_does_not_say_where_it_goes_on_fails_and_never_ends_the_list(
    finish, shelf, recorder, page
):
    shelf.then = [None, page]
    run = finish(listing(), paged())
    assert (run.error["code"], recorder.texts) == ("loop_list_incomplete", ["ch_0"])


def test_a_first_page_that_was_too_large_for_its_row_is_read_into_items(finish, shelf, recorder):
    shelf.values = [{**charge(number), "text": "a" * 200_000} for number in range(3)]
    run = finish(listing(), paged())
    assert "data" not in run.steps.get(path="all").outputs
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, IDS[:3])
    assert shelf.asked == [("", 2), ("", 2), ("ch_1", 2)]


def test_a_loop_in_a_loop_reads_the_pages_of_its_own_list(finish, shelf, recorder):
    inside = listing(), {**paged(), "key": "inner"}
    run = finish(loop(*inside), obj=holding(charge("a"), charge("b")))
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, IDS * 2)
    assert {found.path: found.pages for found in Loop.objects.all()} == {
        "each": 1,
        "each/ch_a/inner": 3,
        "each/ch_b/inner": 3,
    }


def test_pages_are_read_in_the_mode_and_account_of_the_step_that_lists(finish, shelf):
    finish(listing(), {**paged(), "key": "own"}, obj=holding())
    assert len({(one.livemode, one.account, one.idempotency_key) for one in shelf.contexts}) == 1


def test_a_loop_that_does_not_say_which_pages_it_takes_is_warned_about(shelf, recorder):
    checked = validate(document(listing(), paged(pages=None)))
    assert [problem.code for problem in checked.problems.warnings] == ["first_page_only"]
    assert not checked.problems.errors
    assert not validate(document(listing(), paged())).problems.warnings


def test_what_an_item_is_of_is_known(shelf, recorder):
    wrong = paged(action("note", text="{{ item.amount.nothing }}"))
    assert [one.code for one in validate(document(listing(), wrong)).problems] == ["unknown_reference"]


def test_a_rehearsal_does_not_make_up_what_would_be_listed(shelf, recorder):
    plan = build(document(listing(), paged()), {})
    said = rehearse(plan, given_sample(plan), now=timezone.now())
    assert said.steps[1].note == "“List what there is” would list live objects of Stripe: not evaluated."
    assert said.steps[1].lanes[0].state == "possible"
    assert shelf.asked == []
