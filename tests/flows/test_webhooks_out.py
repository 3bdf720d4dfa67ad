"""Events of runs reach a receiver on loopback, signed; also if the worker dies while it sends them."""

import pytest

from tests.flows.installation import House
from tests.workflows.destinations.receiver import receiving

TYPES = ["run.started", "run.succeeded"]


@pytest.fixture(scope="module")
def receiver():
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
def house(receiver, tmp_path_factory):
    allowed = {"STRIPEFLOW_OUTBOUND_ALLOWED_ORIGINS": receiver.origin}
    with House.build(tmp_path_factory.mktemp("webhooks"), variables=allowed) as house:
        made = house.api.post(
            "event-destinations/", {"title": "Warehouse", "url": receiver.url, "events": TYPES}
        )
        house.secret = made["secret"]
        yield house


def came(house, receiver, run):
    """The events of the run that the receiver has, verified, once there are both."""

    def both():
        found = [one for one in receiver.verified(house.secret) if one["data"]["run"]["id"] == run["id"]]
        return found if {one["type"] for one in found} == set(TYPES) else None

    return house.wait(both, what="The events of the run", seconds=120)


def test_each_event_comes_once_and_is_verified(house, receiver):
    workflow = house.activate_template("personalize_orders")
    run = house.wait_for_run(house.pay(150_000)["event"]["id"], workflow)
    found = came(house, receiver, run)
    assert len({one["id"] for one in found}) == len(found) == 2
    assert found[-1]["data"]["run"]["status"] == run["status"]
    done = house.api.results("deliveries/", run=run["id"])
    assert {(one["status"], one["attempts"]) for one in done} == {("delivered", 1)}


def test_what_a_killed_worker_was_sending_is_sent_by_the_next_one(house, receiver):
    workflow = house.activate_template("personalize_orders")
    receiver.came.clear()
    receiver.goes_on.clear()
    while receiver.hangs.acquire(blocking=False):
        pass
    run = house.wait_for_run(house.pay(150_000)["event"]["id"], workflow)
    assert receiver.hangs.acquire(timeout=30)
    house.worker.kill()
    house.stop_worker()
    hung = set(receiver.ids)
    receiver.goes_on.set()
    house.start_worker()
    came(house, receiver, run)
    again = [one for one in receiver.ids if one in hung]
    assert len(again) > len(hung)
    house.wait(
        lambda: all(one["status"] == "delivered" for one in house.api.results("deliveries/", run=run["id"])),
        what="The end of both deliveries",
        seconds=120,
    )
