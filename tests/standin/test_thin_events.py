import json

import pytest
import stripe

METER = {"id": "mtr_1", "object": "billing.meter", "display_name": "Tokens"}
TYPE = "v1.billing.meter.error_report_triggered"


def test_thin_event_and_its_object_are_read_by_the_sdk(client, standin):
    event = standin.thin_event(TYPE, METER, data={"developer_message_summary": "Two errors."})
    found = client.v2.core.events.retrieve(event["id"])
    assert (found.type, found.data.developer_message_summary) == (TYPE, "Two errors.")
    assert client.v1.billing.meters.retrieve(event["related_object"]["id"]).display_name == "Tokens"


def test_notification_leaves_out_what_has_to_be_fetched(standin, receiver):
    standin.thin_event(TYPE, METER, data={"developer_message_summary": "Two errors."})
    standin.wait_for_deliveries()
    ((_headers, body),) = receiver.received
    delivered = json.loads(body)
    assert delivered["object"] == "v2.core.event"
    assert delivered["related_object"]["url"] == "/v1/billing/meters/mtr_1"
    assert not {"data", "changes"} & set(delivered)


def test_thin_event_that_there_is_not_is_an_error(client, standin):
    with pytest.raises(stripe.StripeError) as caught:
        client.v2.core.events.retrieve("evt_no")
    assert caught.value.http_status == 404
