"""The step that waits until a date."""

from datetime import UTC, datetime

import pytest

from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.history.page import RunPage
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from stripeflow.workflows.states import RunStatus
from tests.workflows.blocks.waits.conftest import START
from tests.workflows.blocks.waits.steps import wait_until
from tests.workflows.documents import action, document
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

OFFICE = {"weekdays": ["0", "1", "2", "3", "4"], "from_hour": "09:00", "to_hour": "17:00"}


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("inputs", "due"),
    [
        ({}, utc(2026, 7, 9, 22)),
        ({"zone": None}, utc(2026, 7, 10)),
        ({"date": "2026-07-10 09:00"}, utc(2026, 7, 10, 7)),
        ({"offset": 2}, utc(2026, 7, 7, 22)),
        ({"offset": 2, "offset_unit": "hours", "direction": "after"}, utc(2026, 7, 10)),
        ({"date": "2026-10-26", "offset": 1, "offset_unit": "weeks"}, utc(2026, 10, 18, 22)),
        (OFFICE, utc(2026, 7, 10, 7)),
        ({**OFFICE, "date": "2026-07-11 12:00"}, utc(2026, 7, 13, 7)),
    ],
)
def test_it_waits_until_the_date(start, at_work, inputs, due):
    run = at_work(start(wait_until(**inputs)))
    assert (run.status, run.due_at) == (RunStatus.WAITING, due)


def test_a_reference_to_a_time_of_stripe_is_a_date(start, at_work):
    created = int(START.timestamp())
    step = wait_until(date="{{ trigger.created }}", offset=3, direction="after")
    run = at_work(start(step, obj={**payment(), "created": created}))
    assert run.due_at == utc(2026, 7, 5, 9, 30)


def test_it_goes_on_when_the_date_is_there(start, at_work, clock, recorder):
    run = at_work(start(wait_until(), action("after", text="{{ steps.until.until }}")))
    clock.go(days=8)
    assert at_work(run).status == RunStatus.SUCCEEDED
    assert recorder.texts == [str(int(utc(2026, 7, 9, 22).timestamp()))]


def test_a_date_that_is_past_lets_it_go_on_at_once(start, at_work, recorder):
    run = at_work(start(wait_until(date="2026-07-01"), action("after", text="a")))
    assert run.status == RunStatus.SUCCEEDED
    assert recorder.texts == ["a"]


def test_a_date_that_is_past_may_have_a_lane_of_its_own(start, at_work, recorder):
    steps = (wait_until("until", action("late", text="late"), date="2026-07-01"), action("after", text="a"))
    run = at_work(start(*steps))
    assert recorder.texts == ["late", "a"]
    page = RunPage(run, payloads=True)
    assert page.path.ways["until", "past"].state == "taken"


def test_its_lane_is_not_taken_after_a_wait(start, at_work, clock, recorder):
    steps = (wait_until("until", action("late", text="late")), action("after", text="a"))
    run = at_work(start(*steps))
    page = RunPage(run, payloads=True)
    assert page.path.ways["until", "past"].state == "not_taken"
    clock.go(days=8)
    run = at_work(run)
    assert recorder.texts == ["a"]
    page = RunPage(run, payloads=True)
    assert page.path.ways["until", "past"].state == "not_taken"
    assert "late" not in page.path.steps


def test_a_date_that_is_past_may_wait_for_the_next_days_and_hours(start, at_work, clock):
    clock.go(days=2)  # a Saturday
    run = at_work(start(wait_until(date="2026-06-01", if_past="next_window", **OFFICE)))
    assert run.due_at == utc(2026, 7, 6, 7)


@pytest.mark.parametrize("date", ["2028-01-01", 99_999_999_999, "9999-12-31", "0001-01-01"])
def test_a_date_that_is_too_far_away_fails_the_run(start, at_work, date):
    run = at_work(
        start(wait_until(date="{{ trigger.metadata.when }}"), obj={**payment(), "metadata": {"when": date}})
    )
    assert (run.status, run.error["code"]) == (RunStatus.FAILED, "wait_too_long")


@pytest.mark.parametrize("when", ["soon", "", True, 10**30])
def test_what_is_no_date_fails_the_run(start, at_work, when):
    run = at_work(
        start(wait_until(date="{{ trigger.metadata.when }}"), obj={**payment(), "metadata": {"when": when}})
    )
    assert (run.status, run.error["code"]) == (RunStatus.FAILED, "invalid_input")


def test_a_date_that_is_missing_fails_the_run(start, at_work):
    run = at_work(start(wait_until(date="{{ trigger.metadata.when }}")))
    assert (run.status, run.error["code"]) == (RunStatus.FAILED, "missing_value")


@pytest.mark.parametrize(
    ("step", "code", "field"),
    [
        (wait_until(date=None), "required", "date"),
        (wait_until(date="soon"), "invalid", "date"),
        (wait_until(zone="Europe/Berlinn"), "time_zone", "zone"),
        (wait_until(weekdays=["7"]), "choice", "weekdays"),
        (wait_until(from_hour="17:00", to_hour="09:00"), "empty_window", "to_hour"),
        (wait_until(if_past="next_window"), "no_window", "if_past"),
        (wait_until(if_past="lane"), "empty_lane", ""),
        (wait_until("until", action("late", text="a"), if_past="go_on"), "unused_lane", "if_past"),
    ],
)
def test_what_cannot_be_is_a_problem(step, code, field):
    [problem] = validate(document(step)).problems.errors
    assert (problem.code, problem.field, problem.step) == (code, field, "until")


def test_it_is_saved_as_it_was_written():
    wanted = document(wait_until("until", action("late", text="a"), **OFFICE, offset=2))
    assert validate(wanted).problems.errors == ()
    assert to_document(lifecycle.create(wanted))["steps"] == wanted["steps"]


@pytest.mark.parametrize(
    ("inputs", "title"),
    [
        ({}, "Wait until a date"),
        ({"offset": 2}, "Wait until 2 days before a date"),
        ({"offset": 1, "offset_unit": "hours", "direction": "after"}, "Wait until 1 hour after a date"),
    ],
)
def test_its_title_says_until_when(inputs, title):
    assert step_title(wait_until(**inputs)) == title


@pytest.mark.parametrize(
    ("date", "goes_on_at", "lane"),
    [("2026-07-10", utc(2026, 7, 9, 22), "not_taken"), ("2026-07-01", None, "taken")],
)
def test_a_dry_run_says_when_it_would_go_on(clock, date, goes_on_at, lane):
    steps = (wait_until("until", action("late", text="a"), date=date),)
    [found] = rehearse_sample(script_of(lifecycle.create(document(*steps)))).found.steps
    assert (found.goes_on_at, found.lanes[0].state) == (goes_on_at, lane)


def test_a_time_of_stripe_is_shown_as_a_date(start, at_work):
    step = wait_until(date="{{ trigger.created }}", offset=3, direction="after")
    run = at_work(start(step, obj={**payment(), "created": int(START.timestamp())}))
    page = RunPage(run, payloads=True)
    rows = {row.label: row.text for row in page.path.steps["until"].latest.inputs.rows}
    assert rows["Date"] == "July 2, 2026, 9:30 a.m."
