import json
from pathlib import Path

import pytest

from stripeflow.triggers.catalogue import (
    UnknownEventType,
    categories,
    event_type,
    event_types,
    events,
    object_names,
)

# Compared once, one by one, with the `data.object` that Stripe's typed SDK for Node declares.
REVIEWED = json.loads(Path(__file__).with_name("reviewed_events.json").read_text())


def test_every_event_type_carries_its_reviewed_object():
    assert {one.key: one.object for one in event_types()} == REVIEWED


def test_every_carried_object_is_in_the_catalogue():
    assert {one.object for one in event_types()} <= set(object_names())


def test_every_exception_is_needed_by_an_event_type():
    prefixes = {events.carried_object(one.key)[0] for one in event_types()}
    assert set(events.EXCEPTIONS) <= prefixes


@pytest.mark.parametrize(
    ("key", "label", "category"),
    [
        ("payment_intent.succeeded", "Payment intent succeeded", "Payments"),
        ("payment_intent.payment_failed", "Payment intent failed", "Payments"),
        ("radar.early_fraud_warning.created", "Early fraud warning created", "Radar"),
        ("charge.dispute.created", "Dispute created", "Payments"),
        ("customer.subscription.trial_will_end", "Subscription trial will end", "Billing"),
        ("customer.updated", "Customer updated", "Customers"),
        ("issuing_authorization.request", "Issuing authorization request", "Issuing"),
        ("payout.failed", "Payout failed", "Balance and payouts"),
    ],
)
def test_labels_and_categories(key, label, category):
    found = event_type(key)
    assert (found.label, str(found.category)) == (label, category)


def test_labels_are_unique():
    labels = [one.label for one in event_types()]
    assert len(set(labels)) == len(labels) == 265


def test_labels_are_words_for_people():
    assert not [one.label for one in event_types() if "_" in one.label or "." in one.label]


def test_every_event_type_has_a_reviewed_category():
    assert not [one.key for one in event_types() if one.category.key == "other"]


def test_categories_are_those_in_use():
    assert {one.key for one in categories()} == {one.category.key for one in event_types()}


def test_suggested_event_types_exist():
    assert {one.key for one in event_types() if one.suggested} == events.SUGGESTED


def test_only_updated_events_have_previous_attributes():
    assert event_type("customer.updated").has_previous_attributes
    assert not event_type("customer.created").has_previous_attributes


def test_unknown_event_type_raises():
    with pytest.raises(UnknownEventType):
        event_type("payment_intent.exploded")


def test_object_that_nobody_has_sorted_is_other():
    assert str(events.category_of("brand_new_thing")) == "Other"


def test_key_of_no_known_object_has_no_object():
    assert events.carried_object("brand_new_thing.created") == ("brand_new_thing", None)
