import io
import json

import pytest
from django.core.management import CommandError, call_command

from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, branch, compare, document, group, usd, way
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))


@pytest.fixture
def workflow(recorder, queue):
    step = branch("size", way("large", LARGE, action("big", text="{{ trigger.customer }}")))
    return lifecycle.create(document(step, conditions=LARGE))


def told(*arguments):
    out = io.StringIO()
    call_command("stripeflow_rehearse", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_tells_the_way_of_an_event(workflow, recorder):
    event = accept(payment())
    text = told(workflow.pk, "--event", event.external_id)
    for part in (
        "Trigger conditions: met",
        "If amount is greater than $1,000.00 USD: taken",
        "All other cases: not_needed",
        "Record: would_run",
        "text = cus_test",
        "End: done.",
    ):
        assert part in text
    assert recorder.calls == []
    assert not Run.objects.exists()


def test_tells_why_it_would_not_start(workflow):
    event = accept(payment(100))
    text = told(workflow.pk, "--event", event.external_id)
    assert "is not greater than $1,000.00 USD" in text
    assert "End: not_started." in text
    assert "Record: not_reached" in told(workflow.pk, "--event", event.external_id, "--anyway")


def test_a_sample_needs_no_event(workflow):
    assert "End: done." in told(workflow.pk, "--sample")


@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_an_event_of_a_file_is_tried(workflow, tmp_path, bom):
    file = tmp_path / "event.json"
    file.write_text(bom + json.dumps(payment()), encoding="utf-8")
    assert "Trigger conditions: met" in told(workflow.pk, "--payload", file)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "cannot be read"), ("[]", "a JSON object"), ('{"data": {}}', "holds its object")],
)
def test_a_file_that_is_no_event_is_refused(workflow, tmp_path, text, message):
    file = tmp_path / "event.json"
    file.write_text(text)
    with pytest.raises(CommandError, match=message):
        told(workflow.pk, "--payload", file)


def test_another_event_of_a_file_never_starts_it(workflow, tmp_path):
    file = tmp_path / "event.json"
    file.write_text('{"type": "charge.succeeded", "data": {"object": {"object": "charge"}}}')
    text = told(workflow.pk, "--payload", file)
    assert "“charge.succeeded”" in text
    assert "End: not_started." in text


def test_back_tests(queue):
    refund = action("refund", "stripe.refunds.create", charge="ch_1", amount="{{ trigger.amount }}")
    workflow = lifecycle.create(document(refund, conditions=LARGE))
    event = accept(payment())
    accept(payment(100))
    text = told(workflow.pk, "--days", 7)
    for part in (event.external_id, "1 of 2 events would have started it", "$2,000.00 USD would have been"):
        assert part in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("{pk}", "--event", "evt_never"), "No event with this ID"),
        (("{pk}", "--sample", "--on", "3"), "has no version 3"),
        (("999", "--sample"), "There is no workflow 999"),
        (("{pk}", "--days", "0"), "From 1 to"),
    ],
)
def test_what_can_not_be_done_is_said(workflow, arguments, message):
    with pytest.raises(CommandError, match=message):
        told(*(one.format(pk=workflow.pk) for one in arguments))
