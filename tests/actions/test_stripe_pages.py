"""Lists of Stripe's that are read whole, and never for longer than the step has."""

import pytest

from stripeflow.actions.errors import TransientError
from stripeflow.actions.stripe_pages import Pages


@pytest.fixture
def customers(standin):
    return [standin.create_customer()["id"] for _number in range(5)]


def read(asked, client):
    return client.v1.customers.list(asked)


def test_each_page_begins_behind_the_one_before(standin, context, customers):
    found = [[one["id"] for one in page["data"]] for page in Pages(context).of(read, {"limit": 2})]
    assert [len(page) for page in found] == [2, 2, 1]
    assert {one for page in found for one in page} == set(customers)
    assert len(standin.requests(path="/v1/customers")) == 3


def test_an_empty_list_is_one_page(standin, context):
    assert [page["data"] for page in Pages(context).of(read, {"limit": 2})] == [[]]


@pytest.fixture
def slow(standin, settings):
    """A page comes in time, and after the moment in which another may still begin."""
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "STRIPE_TIMEOUT_SECONDS": 4}
    standin.faults("latency", path="/v1/customers", seconds=1.1)


@pytest.mark.usefixtures("slow")
def test_a_list_that_comes_too_slowly_is_read_again_later(standin, context, customers):
    with pytest.raises(TransientError, match="too slowly: 2 objects in 2 seconds") as caught:
        list(Pages(context).of(read, {"limit": 2}))
    assert caught.value.code == "slow_list"
    assert len(standin.requests(path="/v1/customers")) == 1


@pytest.mark.usefixtures("slow")
def test_several_lists_share_the_time(standin, context, customers):
    lists = Pages(context)
    assert len(list(lists.of(read, {"limit": 5}))) == 1
    with pytest.raises(TransientError, match="5 objects"):
        next(lists.of(read, {"limit": 5}))
    assert len(standin.requests(path="/v1/customers")) == 1


@pytest.mark.usefixtures("slow")
def test_a_slow_page_that_is_the_only_one_is_enough(context, customers):
    assert len(list(Pages(context).of(read, {"limit": 5}))) == 1
