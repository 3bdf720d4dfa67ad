"""The page that starts a workflow many times: a table, what it would start, the sum, and the start."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import form_on
from tests.workflows.on_demand import AMOUNT, CHARGE, on_demand
from tests.workflows.schedules.documents import hourly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

TABLE = "id,amount,currency\nch_1,48.50,usd\nch_2,1,usd\n"


def active(*inputs, **options):
    workflow = lifecycle.create(on_demand(*inputs, **options))
    lifecycle.activate(workflow)
    return workflow


def shown(client, workflow, **fields):
    page = address(workflow, "bulk")
    return client.post(page, {**form_on(client.get(page), "bulk_form"), **fields})


def text_of(response):
    return response.content.decode()


def test_a_table_is_shown_confirmed_and_started_once(admin_client, money):
    workflow = active(CHARGE, AMOUNT, steps=(money,))
    columns = {"column-charge": "id", "column-amount_currency": "currency"}
    page = shown(admin_client, workflow, table=TABLE, **columns)
    said = text_of(page)
    assert all(
        one in said for one in ("2 runs would start", "ch_1, $48.50 USD", "$49.50 USD", "type “49.50 USD”")
    )
    assert not Run.objects.exists()
    form = {**form_on(page, "bulk_start_form"), "start": "1"}
    refused = admin_client.post(address(workflow, "bulk"), {**form, "confirm": "49.5"})
    assert "To start 2 runs, type “49.50 USD”." in text_of(refused)
    assert not Run.objects.exists()
    for _time in range(2):
        answer = admin_client.post(address(workflow, "bulk"), {**form, "confirm": "49.50 USD"})
        assert answer.status_code == 302
    assert sorted(Run.objects.values_list("object_id", flat=True)) == ["ch_1", "ch_2"]


def test_a_file_is_read_and_a_list_of_ids_needs_no_header(admin_client):
    workflow = active(CHARGE)
    file = SimpleUploadedFile("ids.csv", b"\xef\xbb\xbfch_1\nch_2\n", content_type="text/csv")
    page = shown(admin_client, workflow, file=file)
    assert "2 runs would start" in text_of(page)
    admin_client.post(address(workflow, "bulk"), {**form_on(page, "bulk_start_form"), "start": "1"})
    assert Run.objects.count() == 2


def test_problems_are_shown_by_line_and_nothing_can_be_started(admin_client):
    page = shown(admin_client, active(CHARGE), table="ch_1\ncus_1\n")
    said = text_of(page)
    assert "1 line has problems." in said
    assert "must be an ID of the kind" in said
    assert "bulk_start_form" not in said


@pytest.mark.parametrize(
    "fields", [{}, {"table": "a,b\n1,2"}, {"file": b"\xff\xfe"}, {"table": "a", "key": "a b"}]
)
def test_what_is_no_table_is_refused(admin_client, fields):
    if "file" in fields:
        fields = {"file": SimpleUploadedFile("a.csv", fields["file"])}
    answer = shown(admin_client, active(CHARGE), **fields)
    assert answer.status_code == 200
    assert "Please correct the errors below." in text_of(answer)


def test_it_is_offered_where_the_workflow_asks_for_something(admin_client):
    workflow = active(CHARGE)
    assert address(workflow, "bulk") in text_of(admin_client.get(address(workflow)))
    other = hourly().workflow
    assert address(other, "bulk") not in text_of(admin_client.get(address(other)))
    assert admin_client.get(address(other, "bulk"))["Location"] == address(other)
