"""The page that fills a period: exact times, those that have run unticked, a number where money moves."""

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages

from stripeflow.workflows.models import Run, Schedule
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import form_on
from tests.workflows.documents import action, document
from tests.workflows.schedules.documents import hourly, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

HOUR = timedelta(hours=1)


@pytest.fixture
def operator(admin_client):
    return admin_client


def shown(client, row, hours=3):
    since, until = (row.next_at - (hours + 1) * HOUR, row.next_at)
    span = {"since": f"{since:%Y-%m-%dT%H:%M}", "until": f"{until:%Y-%m-%dT%H:%M}"}
    return client.get(address(row.workflow, "fill"), span)


def ticked(response):
    times = re.findall(r'name="times" value="(\d+)" checked', response.content.decode())
    return {**form_on(response, "fill_form"), "times": times}


def test_the_ticked_times_start_and_the_next_look_has_them_unticked(operator):
    row = hourly()
    page = shown(operator, row)
    form = ticked(page)
    assert len(form["times"]) == 4
    chosen = {**form, "times": form["times"][:3]}
    answer = operator.post(page.request["PATH_INFO"], chosen)
    assert answer.status_code == 302
    assert Run.objects.count() == 3
    assert operator.post(page.request["PATH_INFO"], chosen).status_code == 302
    assert Run.objects.count() == 3
    again = shown(operator, row)
    assert ticked(again)["times"] == form["times"][3:]
    assert again.content.decode().count("It has run already.") == 3


def test_where_money_moves_the_number_is_typed(operator, money):
    workflow = lifecycle.create(scheduled(money, repeats="hours", every=1))
    lifecycle.activate(workflow)
    row = Schedule.objects.get(workflow=workflow)
    page = shown(operator, row, 1)
    form, path = ticked(page), page.request["PATH_INFO"]
    for number in ("", "1"):
        answer = operator.post(path, {**form, "confirm": number})
        assert "type the number 2" in str(next(iter(get_messages(answer.wsgi_request))))
    assert not Run.objects.exists()
    operator.post(path, {**form, "confirm": "2"})
    assert Run.objects.count() == 2


def test_what_is_no_page_of_ours_is_refused(operator):
    row = hourly()
    form, path = ticked(shown(operator, row)), address(row.workflow, "fill")
    for wrong in ({"times": ["x"]}, {"version": "x"}, {"version": "9"}, {"times": ["9" * 30]}):
        assert operator.post(path, {**form, **wrong}).status_code == 404
    for span in ({"since": "x", "until": "y"}, {"since": "2026-01-02T00:00", "until": "2026-01-01T00:00"}):
        assert operator.get(path, span).status_code == 200
    assert not Run.objects.exists()


def test_it_is_offered_where_there_is_a_schedule(operator):
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow)
    assert operator.get(address(workflow, "fill")).status_code == 302
    assert address(workflow, "fill") not in operator.get(address(workflow)).content.decode()
    row = hourly()
    assert address(row.workflow, "fill") in operator.get(address(row.workflow)).content.decode()
