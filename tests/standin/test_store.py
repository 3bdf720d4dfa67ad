import pytest

from stripeflow_site.standin.store import difference


@pytest.mark.parametrize(
    ("before", "after", "previous"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1}, {"a": 2}, {"a": 1}),
        ({"m": {}}, {"m": {"Tier": "VIP"}}, {"m": {"Tier": None}}),
        ({"m": {"a": "1", "b": "2"}}, {"m": {"a": "1"}}, {"m": {"b": "2"}}),
        ({"a": None}, {"a": {"b": 1}}, {"a": None}),
    ],
)
def test_difference_gives_the_old_values(before, after, previous):
    assert difference(before, after) == previous
