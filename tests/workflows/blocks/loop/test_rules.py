"""When a loop ends because of its items."""

import pytest

from stripeflow.workflows.blocks.loop.rules import Rules, Tally


def rules(**inputs):
    return Rules.of(inputs)


@pytest.mark.parametrize(
    ("inputs", "failed", "stops", "is_over"),
    [
        ({}, 0, False, False),
        ({}, 1, True, True),
        ({"most_failed": 2}, 2, False, False),
        ({"most_failed": 2}, 3, True, True),
        ({"if_item_fails": "fail_at_end"}, 1, False, True),
        ({"if_item_fails": "fail_at_end", "most_failed": 1}, 1, False, False),
        ({"if_item_fails": "fail_at_end", "most_failed": 1}, 2, False, True),
        ({"if_item_fails": "go_on"}, 100, False, False),
        ({"if_item_fails": "go_on", "most_failed": 5}, 6, True, True),
        ({"most_failed_percent": 5}, 5, False, False),
        ({"most_failed_percent": 5}, 6, True, True),
        # Either of the two may be what ends it.
        ({"most_failed": 50, "most_failed_percent": 5}, 6, True, True),
        ({"most_failed": 3, "most_failed_percent": 50}, 4, True, True),
    ],
)
def test_a_loop_of_a_hundred_items_ends_by_its_rules(inputs, failed, stops, is_over):
    tally, found = Tally(failed, 100), rules(**inputs)
    assert (found.stops(tally), found.is_over(tally)) == (stops, is_over)


def test_percent_count_only_once_the_whole_list_is_known():
    found = rules(most_failed_percent=5)
    assert not found.stops(Tally(6, 10, is_whole=False))
    assert found.stops(Tally(6, 10))


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "3 of 120 items failed (limit 0)."),
        ({"most_failed": 2}, "3 of 120 items failed (limit 2)."),
        ({"most_failed": 2, "most_failed_percent": 1}, "3 of 120 items failed (limit 2 / 1 %)."),
    ],
)
def test_the_error_says_how_many_failed_and_how_many_may(inputs, said):
    error = rules(**inputs).too_many_failed(Tally(3, 120), first=[])
    assert (error["code"], error["message"], error["public"]) == ("loop_too_many_failed", said, said)
