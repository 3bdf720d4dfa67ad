import pytest

from stripeflow.workflows.versions.plans import _Plans
from tests.workflows.documents import action, document


def large(bytes_):
    return document(action("one", text="x" * bytes_))


@pytest.fixture
def plans():
    return _Plans(size=3, max_bytes=10_000)


def test_the_least_recently_used_goes_first(plans):
    for pk in (1, 2, 3):
        plans.put(pk, large(1), {})
    plans.get(1)
    plans.put(4, large(1), {})
    assert [plans.get(pk) is not None for pk in (1, 2, 3, 4)] == [True, False, True, True]


def test_large_ones_are_bounded_in_bytes(plans):
    for pk in (1, 2, 3):
        plans.put(pk, large(4000), {})
    assert plans.get(1) is None
    assert plans.get(3) is not None
    assert plans.bytes <= plans.max_bytes


def test_the_last_one_stays_however_large_it_is(plans):
    plans.put(1, large(1), {})
    plans.put(2, large(20_000), {})
    assert [plans.get(1), plans.get(2) is not None] == [None, True]


def test_one_that_is_built_twice_counts_once(plans):
    plans.put(1, large(4000), {})
    counted = plans.bytes
    plans.put(1, large(4000), {})
    assert plans.bytes == counted
    plans.clear()
    assert plans.bytes == 0
