"""The reviewed tables name what there is, and what nobody has reviewed is off."""

import pytest

from stripeflow.workflows.stripe_operations.amounts import COUNTED
from stripeflow.workflows.stripe_operations.curated import CURATED, ICONS, OBJECTS
from stripeflow.workflows.stripe_operations.inputs import inputs_of
from stripeflow.workflows.stripe_operations.marks import CALM, FINAL, WITHHELD, Off, marks_of
from stripeflow.workflows.stripe_operations.operations import Operation, find, operations
from stripeflow.workflows.stripe_operations.shown_first import SHOWN_FIRST

KEYS = set(operations())


def keys_of(table):
    return {f"stripe.{resource}.{method}" for resource, methods in table.items() for method in methods}


@pytest.mark.parametrize("keys", [COUNTED, CURATED, WITHHELD, keys_of(CALM), keys_of(FINAL)])
def test_a_table_names_what_the_sdk_has(keys):
    assert set(keys) - KEYS == set()


def test_fields_shown_first_are_there():
    names = {key: set(inputs_of(find(key)).paths) for key in SHOWN_FIRST if find(key)}
    assert {
        key: set(SHOWN_FIRST[key].split()) - names.get(key, set()) for key in SHOWN_FIRST
    } == dict.fromkeys(SHOWN_FIRST, set())


def test_objects_are_resources():
    resources = {one.resource for one in operations().values()}
    assert set(OBJECTS) - resources == set()
    assert set(ICONS) - {one.partition(".")[0] for one in resources} == set()


def test_no_operation_moves_money_uncounted():
    marks = {key: marks_of(one) for key, one in operations().items()}
    moving = {key for key, one in marks.items() if one.moves_money and one.off is None}
    assert moving == set(COUNTED)
    assert all(marks[key].destructive for key in moving)


def test_only_reading_has_no_mark():
    for one in operations().values():
        marks = marks_of(one)
        assert marks.changes_customers or not one.writes


@pytest.mark.parametrize(
    ("verb", "method", "off"),
    [("get", "retrieve", None), ("post", "create", Off.UNCOUNTED), ("delete", "delete", None)],
)
def test_what_a_new_sdk_brings_is_off_unless_it_reads_or_deletes(verb, method, off):
    new = Operation("wallets", method, verb, "/v1/wallets", (), None, "", "", "")
    assert marks_of(new).off == off


def test_what_opens_something_is_off():
    assert marks_of(find("stripe.billing_portal.sessions.create")).off is Off.SECRET
    assert marks_of(find("stripe.webhook_endpoints.update")).off is Off.SECRET
    assert marks_of(find("stripe.webhook_endpoints.list")).off is None
