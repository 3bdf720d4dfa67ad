import pytest

from stripeflow.triggers.catalogue.times import is_time


@pytest.mark.parametrize(
    ("name", "doc", "answer"),
    [
        ("created", "", True),
        ("arrival_date", "Date that you can expect the payout to arrive.", True),
        ("voided_at", "The time that the credit note was voided.", True),
        ("eta", "A unix timestamp representing a best estimate.", True),
        ("trial_end", "If the subscription has a trial, the end of that trial.", True),
        ("expected_delivery_year", "The year this order is expected.", False),
        ("delay_days", "The number of days charges will be held.", False),
        ("quantity", "", False),
    ],
)
def test_tells_times_from_counts(name, doc, answer):
    assert is_time(name, doc=doc) is answer
