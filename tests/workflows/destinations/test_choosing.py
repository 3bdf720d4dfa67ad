from stripeflow.workflows.destinations.choosing import Standing, chosen
from stripeflow.workflows.destinations.terms import AT_ONCE, OF_FAILING


def healthy(pk, under_way=0):
    return Standing(pk, is_failing=False, under_way=under_way)


def failing(pk, under_way=0):
    return Standing(pk, is_failing=True, under_way=under_way)


def test_the_least_busy_comes_first():
    assert chosen([healthy(1, 2), healthy(2), healthy(3, 1)], failing_under_way=0) == [2, 3, 1]


def test_one_that_has_all_its_places_waits():
    assert chosen([healthy(1, AT_ONCE), healthy(2, AT_ONCE - 1)], failing_under_way=0) == [2]


def test_one_that_fails_comes_last_and_has_one_place():
    assert chosen([failing(1), healthy(2, 3), failing(3, 1)], failing_under_way=1) == [2, 1]


def test_those_that_fail_share_few_places():
    assert chosen([failing(1), healthy(2)], failing_under_way=OF_FAILING) == [2]
