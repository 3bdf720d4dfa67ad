"""A list action reads page by page, up to what the step says."""

import json

import pytest

from stripeflow.actions import registry
from stripeflow.actions.errors import InvalidInput, TransientError
from stripeflow.workflows.engine.outputs_size import MAX_BYTES
from stripeflow.workflows.stripe_operations.paging import ROOM, gather

CHARGES = registry.get("stripe.charges.list")


class Stripe:
    """A list of `total` objects of about `size` bytes each, as Stripe gives it."""

    def __init__(self, total, size=0):
        self.items = [{"id": f"ch_{n}", "x": "x" * size} for n in range(total)]
        self.asked = []

    def __call__(self, asked):
        self.asked.append(asked)
        after = asked.get("starting_after")
        begin = next((n + 1 for n, one in enumerate(self.items) if one["id"] == after), 0)
        page = self.items[begin : begin + asked["limit"]]
        return {"object": "list", "data": page, "has_more": begin + len(page) < len(self.items)}


@pytest.mark.parametrize(
    ("total", "sent", "most", "got", "has_more", "sizes"),
    [
        (250, {}, 1000, 250, False, [100, 100, 100]),
        (250, {}, 120, 120, True, [100, 20]),
        (250, {}, 250, 250, False, [100, 100, 50]),
        (250, {"limit": 10}, 25, 25, True, [10, 10, 5]),
        (250, {"limit": 500}, 5, 5, True, [5]),
        (0, {}, 100, 0, False, [100]),
        (3, {"starting_after": "ch_0"}, 100, 2, False, [100]),
    ],
)
def test_it_reads_on_until_it_has_enough(total, sent, most, got, has_more, sizes):
    stripe = Stripe(total)
    page = gather(stripe, sent, most=most, seconds=20)
    assert (len(page["data"]), page["has_more"]) == (got, has_more)
    assert len({one["id"] for one in page["data"]}) == got
    assert [one["limit"] for one in stripe.asked] == sizes


def test_it_ends_where_its_row_is_full_and_says_so():
    page = gather(Stripe(1000, size=2000), {}, most=1000, seconds=20)
    assert page["has_more"]
    assert 80 < len(page["data"]) < 100
    assert ROOM * 0.9 < len(json.dumps(page)) < MAX_BYTES
    assert gather(Stripe(5, size=ROOM), {}, most=5, seconds=20) == {
        "object": "list",
        "data": [],
        "has_more": True,
    }


def test_half_a_list_decides_nothing():
    seconds = iter(range(0, 100, 15))
    with pytest.raises(TransientError, match="200 objects in 20 seconds"):
        gather(Stripe(1000), {}, most=1000, seconds=20, now=lambda: next(seconds))


def test_a_list_that_cannot_be_read_on_ends():
    def read(asked):
        return {"data": [{"amount": 1}], "has_more": True}

    assert gather(read, {}, most=100, seconds=20) == {"data": [{"amount": 1}], "has_more": True}


def test_a_step_reads_several_pages(standin, context):
    made = [standin.make("invoice")["id"] for _ in range(3)]
    invoices = registry.get("stripe.invoices.list")
    page = invoices.execute({"limit": 1, "most_objects": 2}, context)
    assert [one["id"] for one in page["data"]] == made[:0:-1]
    assert (page["count"], page["has_more"]) == (2, True)
    # As before: one page.
    page = invoices.execute({"limit": 1}, context)
    assert (page["count"], page["has_more"], len(page["data"])) == (1, True, 1)


@pytest.mark.parametrize(
    ("most", "wrong"), [(0, True), (1001, True), (1, False), (1000, False), (None, False)]
)
def test_the_limit_is_said(most, wrong, context):
    assert bool(CHARGES.check({"most_objects": most})) is wrong
    if wrong:
        with pytest.raises(InvalidInput):
            CHARGES.execute({"most_objects": most}, context)


def test_a_list_that_its_step_has_ended_goes_on_nowhere():
    assert CHARGES.next_page({"limit": 5}, after="ch_1", most=100) == {"limit": 5, "starting_after": "ch_1"}
    assert CHARGES.next_page({"most_objects": 5}, after="ch_1", most=100) is None
    assert [one.code for one in CHARGES.check({"most_objects": 5, "ending_before": "ch_9"})] == ["both"]
