import pytest
import stripe


def listed(api, **params):
    return [event.id for event in api.events.list(params).data]


def test_event_can_be_retrieved(api, standin):
    event = standin.payment(1000)["event"]

    assert api.events.retrieve(event["id"]).data.object["amount"] == 1000


def test_event_keeps_the_object_as_it_was(api, standin):
    charge = standin.payment(1000)["charge"]
    [event] = standin.events("charge.succeeded")
    api.refunds.create({"charge": charge["id"]})

    assert api.events.retrieve(event["id"]).data.object["refunded"] is False


def test_events_are_listed_newest_first(api, standin):
    standin.payment(1000)

    assert listed(api) == [event["id"] for event in standin.events()[::-1]]


def test_events_are_listed_by_type(api, standin):
    event = standin.payment(1000)["event"]

    assert listed(api, type="payment_intent.succeeded") == [event["id"]]


def test_events_are_listed_by_pattern_of_types(api, standin):
    standin.payment(1000)

    assert len(listed(api, type="payment_intent.*")) == 2


def test_events_are_listed_by_several_types(api, standin):
    standin.payment(1000)

    assert len(listed(api, types=["charge.succeeded", "payment_intent.succeeded"])) == 2


def test_type_and_types_exclude_each_other(api):
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        api.events.list({"type": "a.b", "types": ["a.c"]})


def test_events_are_listed_by_time(api, standin):
    old = standin.event("a.b", {"id": "x"}, created=1000)
    new = standin.event("a.b", {"id": "x"}, created=4_000_000_000)

    assert listed(api, created={"gt": 3_000_000_000}) == [new["id"]]
    assert old["id"] not in listed(api)


def test_events_are_forgotten_by_lists_after_thirty_days(api, standin):
    standin.payment(1000)
    standin.advance_clock(31 * 24 * 3600)

    assert listed(api) == []


def test_pages_give_each_event_once(api, standin):
    made = [standin.event("a.b", {"id": "x"})["id"] for _ in range(7)]

    paged = [event.id for event in api.events.list({"limit": 2}).auto_paging_iter()]

    assert paged == made[::-1]


def test_page_before_a_cursor(api, standin):
    made = [standin.event("a.b", {"id": "x"})["id"] for _ in range(5)]

    assert listed(api, ending_before=made[0], limit=2) == [made[2], made[1]]


def test_unknown_cursor_is_refused(api):
    with pytest.raises(stripe.InvalidRequestError) as raised:
        api.events.list({"starting_after": "evt_none"})

    assert raised.value.http_status == 400


@pytest.mark.parametrize("limit", [0, 101])
def test_limit_lies_between_one_and_a_hundred(api, limit):
    with pytest.raises(stripe.InvalidRequestError):
        api.events.list({"limit": limit})


def test_events_are_listed_by_delivery(api, standin, receiver):
    receiver.statuses = [500, 500, 500]
    failed = standin.event("a.b", {"id": "x"})
    standin.wait_for_deliveries()
    delivered = standin.event("a.b", {"id": "x"})
    standin.wait_for_deliveries()

    assert listed(api, delivery_success="true") == [delivered["id"]]
    assert listed(api, delivery_success="false") == [failed["id"]]
