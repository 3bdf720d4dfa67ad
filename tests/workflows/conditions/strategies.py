"""Hypothesis strategies: JSON scopes, and condition documents that `load` accepts."""

from hypothesis import settings
from hypothesis import strategies as st

from stripeflow.workflows.conditions import FIELD_TYPES, OPERATORS, READINGS

# A busy machine is no failure.
unhurried = settings(deadline=None)

NAMES = ("amount", "currency", "status", "data", "has_more")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "usd", "eur", "a", "A", "5", "{{ x }}", "{0}", "2025-06-15T12:00:00Z"])
    | st.text(max_size=5)
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(st.sampled_from(NAMES), json_values, max_size=4)
scopes = st.fixed_dictionaries(
    {}, optional={"trigger": objects | json_values, "event": objects, "steps": objects, "input": json_values}
)
previous_attributes = st.none() | objects

_roots = st.sampled_from(["trigger", "event", "steps", "item", "input", "other"])
_parts = st.lists(st.sampled_from([*NAMES, "0", "1"]), max_size=3)
paths = st.builds(lambda root, parts: ".".join([root, *parts]), _roots, _parts)
item_paths = st.builds(lambda parts: ".".join(["item", *parts]), _parts)

_finite = st.floats(allow_nan=False, allow_infinity=False)
_integers = st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1)
_plain = st.none() | st.booleans() | _integers | _finite | st.text(max_size=5)
_money = st.fixed_dictionaries({"amount": _integers, "currency": st.sampled_from(["usd", "EUR", "x"])})
_times = st.sampled_from(["2025-06-15T12:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
_one = _plain | _money | _times
_others = st.builds(lambda path: f"{{{{ {path} }}}}", paths)
_spans = st.dictionaries(st.sampled_from(["days", "hours", "weeks"]), _plain, max_size=2)
values = _one | _others | _spans | st.lists(_one | _others, max_size=3)


def tests(fields):
    return st.fixed_dictionaries(
        {"field": fields | st.just(""), "operator": st.sampled_from([*OPERATORS, ""])},
        optional={
            "value": values,
            "type": st.none() | st.sampled_from(list(FIELD_TYPES)),
            "currency_field": st.none() | paths,
            "currency": st.none() | st.sampled_from(["usd", "eur"]),
            "as": st.sampled_from(list(READINGS)),
            "value_type": st.none() | st.sampled_from(list(FIELD_TYPES)),
            "value_currency_field": st.none() | paths,
            "value_currency": st.none() | st.sampled_from(["usd", "eur"]),
        },
    )


_matches = st.sampled_from(["all", "any", "none"])


def groups(members):
    return st.fixed_dictionaries({"match": _matches, "conditions": st.lists(members, max_size=3)})


def list_tests(fields, members):
    return st.builds(
        lambda group, field, quantifier: {**group, "field": field, "quantifier": quantifier},
        groups(members),
        fields,
        _matches,
    )


_inner = list_tests(item_paths, tests(paths))
nodes = st.recursive(
    tests(paths) | list_tests(paths, tests(paths) | _inner), lambda inner: groups(inner), max_leaves=6
)
documents = groups(nodes)
