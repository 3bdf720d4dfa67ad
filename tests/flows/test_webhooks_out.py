"""Events of runs reach a receiver on loopback, signed; also if the worker dies while it sends them."""

import psutil
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


def delivered(house, run):
    """The deliveries of the run, once the receiver has them all."""

    def all_of_them():
        found = house.api.results("deliveries/", run=run["id"])
        return found if {one["status"] for one in found} == {"delivered"} else None

    return house.wait(all_of_them, what="The end of both deliveries", seconds=120)


def test_each_event_comes_once_and_is_verified(house, receiver):
    workflow = house.activate_template("personalize_orders")
    run = house.wait_for_run(house.pay(150_000)["event"]["id"], workflow)
    found = came(house, receiver, run)
    assert len({one["id"] for one in found}) == len(found) == 2
    # They may come in any order.
    statuses = {one["type"]: one["data"]["run"]["status"] for one in found}
    assert statuses["run.succeeded"] == run["status"]
    assert [one["attempts"] for one in delivered(house, run)] == [1, 1]


def test_what_a_killed_worker_was_sending_is_sent_by_the_next_one(house, receiver):
    workflow = house.activate_template("personalize_orders")
    receiver.came.clear()
    receiver.goes_on.clear()
    while receiver.hangs.acquire(blocking=False):
        pass
    run = house.wait_for_run(house.pay(150_000)["event"]["id"], workflow)
    assert receiver.hangs.acquire(timeout=30)
    below = psutil.Process(house.worker.pid).children(recursive=True)
    for process in (house.worker, *below):
        process.kill()
    house.stop_worker()
    hung = set(receiver.ids)
    receiver.goes_on.set()
    house.start_worker()
    assert len(delivered(house, run)) == 2
    # Among them may be events of another workflow's run, which the next worker sends in any order.
    house.wait(
        lambda: all(receiver.ids.count(one) > 1 for one in hung),
        what="What was under way, once more",
        seconds=120,
    )
    came(house, receiver, run)
