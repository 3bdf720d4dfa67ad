"""A version of before means the same after its types were taken out of its document, and may go back as it was."""

import json
from copy import deepcopy
from importlib import import_module

import pytest

from stripeflow.workflows import conditions
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way

migration = import_module("stripeflow.workflows.migrations.0015_types_lie_beside_the_document")

MONEY = {**compare("trigger.amount", "greater_than", usd(5)), "type": "money", "currency_field": "trigger.currency"}
OTHER = {
    **compare("trigger.amount", "greater_than", "{{ trigger.amount_received }}"),
    **{"type": "money", "currency_field": "trigger.currency"},
    **{"value_type": "money", "value_currency_field": "trigger.currency"},
}
CODED = {
    **compare("trigger.currency_options.eur.unit_amount", "less_than", {"amount": 5, "currency": "eur"}),
    **{"type": "money", "currency_field": None, "currency": "eur"},
}
UNKNOWN = {**compare("steps.gone.amount", "greater_than", 5), "type": None, "currency_field": None}
ITEM = {**compare("item.quantity", "greater_than", 10), "type": "integer", "currency_field": None}
LIST = {
    **{"field": "trigger.lines.data", "quantifier": "any", "type": "list", "currency_field": None},
    **group(ITEM),
}
ALL = [MONEY, OTHER, CODED, UNKNOWN, LIST]


def old(one):
    """A document with this condition at every place where one may stand."""
    looks_frozen = {"field": "amount", "currency_field": "trigger.currency", "type": "charge"}
    inner = branch("inner", way("a", group(group(one)), action("b", settings=looks_frozen)))
    outer = branch("outer", way("c", group(one), failing(action("d"), inner)))
    # As a database gives it: no two conditions are the same object.
    return json.loads(json.dumps(document(outer, conditions=group(one))))


def moved(written):
    """The document without types, and the types, as the migration writes them."""
    after = deepcopy(written)
    return after, migration.without_types(after)


def put_back(after, types):
    written = deepcopy(after)
    migration.with_types(written, types)
    return written


def groups_of(written):
    """The conditions of the trigger and of two branches, one inside the other, each with its JSON pointer."""
    outer = written["steps"][0]["branches"][0]
    inner = outer["steps"][0]["error_branch"]["steps"][0]["branches"][0]
    yield "/trigger/conditions", written["trigger"]["conditions"]
    yield "/steps/0/branches/0/conditions", outer["conditions"]
    yield "/steps/0/branches/0/steps/0/error_branch/steps/0/branches/0/conditions", inner["conditions"]


@pytest.mark.parametrize("one", ALL)
def test_every_condition_is_judged_by_what_it_was_judged_by(one):
    written = old(one)
    after, types = moved(written)
    before = dict(groups_of(written))
    assert {at: conditions.load(found, types, at=at) for at, found in groups_of(after)} == {
        at: conditions.load(found) for at, found in before.items()
    }


@pytest.mark.parametrize("one", ALL)
def test_going_back_gives_the_same_document(one):
    written = old(one)
    assert put_back(*moved(written)) == written


def test_nothing_but_conditions_loses_anything():
    after, _types = moved(old(MONEY))
    inner = after["steps"][0]["branches"][0]["steps"][0]["error_branch"]["steps"][0]
    settings = inner["branches"][0]["steps"][0]["inputs"]["settings"]
    assert settings == {"field": "amount", "currency_field": "trigger.currency", "type": "charge"}


def test_a_document_without_types_is_what_its_rows_say():
    after, _types = moved(old(MONEY))
    assert after == old(compare("trigger.amount", "greater_than", usd(5)))
