"""The page of a trigger that starts its workflow again and again."""

import html
import re
from datetime import timedelta

import pytest
from django.utils import translation

from stripeflow.triggers.types import registry
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.worker import ticking
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill
from tests.workflows.documents import action, document
from tests.workflows.schedules.documents import hourly, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]

DAILY = {"repeats": "daily", "time_of_day": "09:00", "time_zone": "Europe/Berlin"}


@pytest.fixture
def trigger():
    return lifecycle.create(document(action("one", text="a"))).trigger


def text_of(answer):
    return html.unescape(answer.content.decode())


def test_choosing_it_and_saving_asks_when(admin_client, trigger):
    page = address(trigger)
    answer = fill(admin_client, page, "trigger_form", type="recurring_schedule")
    trigger.refresh_from_db()
    assert trigger.type == "stripe_event"
    assert 'name="time_of_day"' in text_of(answer)


def test_the_form_saves_what_counts_and_leaves_out_what_does_not(admin_client, trigger):
    given = {**DAILY, "cron": "1 2 3 4 5", "days_of_week": ["mon"], "missed": "once", "overlap": "skip"}
    fill(admin_client, address(trigger), "trigger_form", type="recurring_schedule", **given)
    trigger.refresh_from_db()
    assert trigger.settings == {**DAILY, "missed": "once", "overlap": "skip"}
    page = text_of(admin_client.get(address(trigger.workflow)))
    assert "Every day at 09:00 (Europe/Berlin)" in page


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        ({"repeats": "weekdays", "days_of_week": ["mon", "sun"]}, {"days_of_week": ["mon", "sun"]}),
        ({"repeats": "dates", "days_of_month": "1, 15 last"}, {"days_of_month": [1, 15, "last"]}),
        (
            {"excluded_days": "2026-12-24\n2026-12-25", "starts": "2026-12-01T09:00"},
            {"excluded_days": ["2026-12-24", "2026-12-25"], "starts": "2026-12-01T09:00"},
        ),
    ],
)
def test_the_form_saves_and_shows_again(admin_client, trigger, given, settings):
    page = address(trigger)
    fill(admin_client, page, "trigger_form", type="recurring_schedule", **{**DAILY, **given})
    trigger.refresh_from_db()
    assert settings.items() <= trigger.settings.items()
    before = trigger.settings
    # The helper posts one of several ticked boxes, and a browser the first choice of a list.
    ticked = {"days_of_week": before["days_of_week"]} if "days_of_week" in before else {}
    fill(admin_client, page, "trigger_form", **ticked)
    trigger.refresh_from_db()
    assert trigger.settings == {**before, "missed": "once", "overlap": "skip"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"repeats": "dates", "days_of_month": "32"}, "“32” is no day of the month"),
        ({"time_of_day": "25:00"}, "“25:00” is no time of day"),
        ({"excluded_days": "tomorrow"}, "“tomorrow” is no date"),
        ({"repeats": "dates", "days_of_month": "0310"}, "“0310” is no day of the month"),
        ({"starts": "soon"}, "“soon” is no date with a time"),
        ({"ends": "9999-12-31T23:59"}, "“9999-12-31T23:59” is no date with a time from 1970 to 2200"),
    ],
)
def test_the_form_says_what_cannot_be_read(admin_client, trigger, given, said):
    given = {**DAILY, **given}
    answer = fill(admin_client, address(trigger), "trigger_form", type="recurring_schedule", **given)
    assert said in text_of(answer)


def test_the_next_five_times_are_said_while_it_is_filled_in(admin_client, trigger):
    given = {"type": "recurring_schedule", **DAILY}
    said = text_of(admin_client.post(address(trigger, "outlook"), given))
    found = re.findall(r"<li>(\w+day), .*?, 09:00 \(UTC\+0[12]:00\)</li>", said)
    assert len(found) == 5
    trigger.refresh_from_db()
    assert trigger.type == "stripe_event"


def test_there_are_none_as_long_as_something_is_missing(admin_client, trigger):
    given = {"type": "recurring_schedule", "repeats": "weekdays", "time_of_day": "09:00"}
    assert "None yet." in text_of(admin_client.post(address(trigger, "outlook"), given))


def test_the_saved_ones_are_on_the_page_and_those_of_stripe_have_none(admin_client, trigger):
    assert "The next times" not in text_of(admin_client.get(address(trigger)))
    workflow = lifecycle.create(scheduled(**DAILY))
    assert text_of(admin_client.get(address(workflow.trigger))).count("09:00 (UTC") == 5


def test_the_times_are_said_in_the_language_of_the_reader():
    kind = registry.find("recurring_schedule")
    with translation.override("ja"):
        assert "曜日" in kind.outlook(DAILY)[0]


def test_only_people_who_may_edit_see_what_settings_come_to(client_with, trigger):
    assert client_with().post(address(trigger, "outlook"), DAILY).status_code == 403


@pytest.mark.usefixtures("queue")
def test_the_page_says_where_the_active_version_stands(admin_client):
    row = hourly()
    for hour in (0, 1, 2):
        ticking.tick(row.next_at + hour * timedelta(hours=1))
    said = text_of(admin_client.get(address(row.workflow.trigger)))
    assert "It has started 1 run by its schedule." in said
    assert re.search(r"<li>2, from .* to .*: A run of the workflow had not ended yet.</li>", said)


def test_a_draft_stands_nowhere(admin_client):
    workflow = lifecycle.create(scheduled())
    assert "The active version" not in text_of(admin_client.get(address(workflow.trigger)))


@pytest.mark.usefixtures("queue")
def test_a_run_is_started_between_two_times_from_the_page(admin_client):
    workflow = hourly().workflow
    assert address(workflow, "start") in text_of(admin_client.get(address(workflow)))
    fill(admin_client, address(workflow, "start"), "start_form")
    assert workflow.runs.count() == 1
