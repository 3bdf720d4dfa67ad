"""Runs that wait, on the canvas of their workflow and in their list."""

import re

import pytest

from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import on_runs
from tests.workflows.admin.addresses import address
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(make_run):
    return make_run(wait(), action("after", text="a"), name="Patient")


@pytest.fixture
def reader(client_for):
    return client_for("view_workflow", "view_run", username="reader")


def link_in(page):
    (found,) = re.findall(r'sf-card-waits">.*?<a href="([^"]+)">([^<]+)</a>', page, re.DOTALL)
    return found


@pytest.mark.parametrize("where", [(), ("counts",)])
def test_the_canvas_says_how_many_wait_and_leads_to_them(reader, run, make_run, where):
    other = make_run(wait(), action("after", text="a"))
    where, said = link_in(reader.get(address(run.workflow, *where)).content.decode())
    assert said.startswith("1 run waits here, since ")
    page = reader.get(where.replace("&amp;", "&")).content.decode()
    assert str(run.pk) in page
    assert str(other.pk) not in page


def test_the_canvas_says_nothing_to_people_who_may_not_see_runs(client_for, run):
    page = client_for("view_workflow", username="other").get(address(run.workflow)).content.decode()
    assert "sf-card-waits" not in page


def test_the_list_of_those_that_wait_is_empty_once_nobody_waits(reader, run):
    where, _said = link_in(reader.get(address(run.workflow)).content.decode())
    on_runs.cancel(run, NOBODY)
    page = reader.get(where.replace("&amp;", "&")).content.decode()
    assert str(run.pk) not in page
    assert Run.objects.count() == 1


def test_the_list_and_the_page_say_until_when(reader, run):
    assert "until " in reader.get("/admin/stripeflow_workflows/run/").content.decode()
    page = reader.get(address(run)).content.decode()
    assert re.search(r"It waits at “Wait 3 days” until [^<]+\.", page)
    assert "The run waits here until " in page


def test_who_deactivates_a_workflow_is_told_how_many_wait(client_for, run):
    client = client_for("view_workflow", "view_run", "activate_workflow", username="publisher")
    page = client.get(address(run.workflow)).content.decode()
    assert "1 run waits for a time, and goes on when it is over." in page
    assert f"run/?workflow__id__exact={run.workflow_id}&amp;status__exact=waiting" in page
