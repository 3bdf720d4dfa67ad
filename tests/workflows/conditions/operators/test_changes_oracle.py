"""What has changed, as one who knows both states says it; previous_attributes are made as Stripe does."""

from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.conditions.judging import MET, NOT_MET, truth
from tests.workflows.conditions.strategies import unhurried

scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "A", "1", "b"])
maps = st.none() | st.dictionaries(st.sampled_from(["tier", "note"]), st.sampled_from(["gold", "VIP", ""]))
prices = st.fixed_dictionaries({"id": st.sampled_from(["p1", "p2"]), "amount": st.integers(0, 2)})
items = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from(["i1", "i2", "i3"]), "price": prices}),
    unique_by=lambda item: item["id"],
    max_size=3,
)
states = st.fixed_dictionaries(
    {
        "status": scalars,
        "count": scalars,
        "metadata": maps,
        "shipping": st.none() | st.fixed_dictionaries({"name": scalars, "city": scalars}),
        "items": st.fixed_dictionaries({"data": items, "has_more": st.just(False)}),
    }
)

ABSENT = object()
FIELDS = ("status", "count", "metadata.tier", "shipping.name", "shipping.city", "metadata", "items.data")


def told(before, after):
    """Stripe's previous_attributes: the keys of objects that changed, null for new ones; lists as a whole."""
    found = {}
    for key in (*before, *(key for key in after if key not in before)):
        old, new = before.get(key), after.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            if old != new:
                found[key] = told(old, new) if old else {}
        elif type(old) is not type(new) or old != new:
            found[key] = old
    return found


def at(state, path):
    for key in path.split("."):
        if not isinstance(state, dict) or key not in state:
            return None
        state = state[key]
    return state


def known(value):
    """Comparable without the order of items, and telling true from 1."""
    if isinstance(value, list):
        return frozenset(known(item) for item in value)
    if isinstance(value, dict):
        return frozenset((key, known(item)) for key, item in value.items())
    return type(value).__name__, value


def asks(field, operator="changed", value=None):
    return {"field": field, "operator": operator, "value": value, "type": "any"}


def judged(test, before, after):
    return truth({"match": "all", "conditions": [test]}, {"trigger": after}, told(before, after))


@unhurried
@given(states, states, st.sampled_from(FIELDS))
def test_a_field_has_changed_if_it_is_another_one_now(before, after, field):
    old, new = at(before, field), at(after, field)
    expected = MET if known(old) != known(new) else NOT_MET
    assert judged(asks(f"trigger.{field}"), before, after) is expected


@unhurried
@given(states, states, st.sampled_from(FIELDS[:5]), st.sampled_from(["gold", "VIP", "a", "b", 1, True]))
def test_it_has_changed_from_and_to_what_it_was_and_is(before, after, field, value):
    old, new = at(before, field), at(after, field)
    for operator, one in (("changed_from", old), ("changed_to", new)):
        found = judged(asks(f"trigger.{field}", operator, value), before, after)
        assert (found is MET) is (known(old) != known(new) and known(one) == known(value))


@unhurried
@given(states, states)
def test_an_item_has_changed_if_the_one_of_its_id_is_another_one_now(before, after):
    old = {item["id"]: item["price"]["id"] for item in before["items"]["data"]}
    new = {item["id"]: item["price"]["id"] for item in after["items"]["data"]}
    changed = {key for key in new if old.get(key) != new[key]}
    conditions = [asks("item.price.id")]
    for quantifier, expected in (("any", bool(changed)), ("none", not changed), ("all", bool(new))):
        test = {"field": "trigger.items.data", "quantifier": quantifier, "match": "all"}
        found = judged({**test, "conditions": conditions}, before, after)
        assert found is (MET if expected and (quantifier != "all" or changed == set(new)) else NOT_MET)


@unhurried
@given(states, st.permutations(range(3)))
def test_items_in_another_order_are_no_change(state, order):
    data = state["items"]["data"]
    mixed = {**state, "items": {**state["items"], "data": [data[i] for i in order if i < len(data)]}}
    for field in ("items.data", "items", *(f"items.data.{n}.price.id" for n in range(len(data)))):
        assert judged(asks(f"trigger.{field}"), state, mixed) is NOT_MET


@unhurried
@given(states, states)
def test_a_number_has_increased_or_decreased_as_mathematics_says(before, after):
    old, new = before["count"], after["count"]
    numbers = all(isinstance(one, int) and not isinstance(one, bool) for one in (old, new))
    for operator, expected in (("increased", numbers and new > old), ("decreased", numbers and new < old)):
        test = {**asks("trigger.count", operator), "type": "integer"}
        assert (judged(test, before, after) is MET) is expected
