"""What is decided in spite of something unknown stays so, whatever turns out."""

from hypothesis import given
from hypothesis import strategies as st

from stripeflow.workflows.conditions import Truth
from tests.workflows.conditions.judging import evaluate
from tests.workflows.conditions.strategies import unhurried

MATCHES = st.sampled_from(["all", "any", "none"])
# True, false, or missing.
VALUES = st.sampled_from([True, False, None])
NAMES = ("a", "b", "c", "d")
values = st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES))
items = st.lists(values, max_size=3)


def flags(root):
    """One test on a field of `root`, that is met or not, or the contrary of it."""
    return st.builds(
        lambda name, operator: {"field": f"{root}.{name}", "operator": operator, "type": "boolean"},
        st.sampled_from(NAMES),
        st.sampled_from(["is_true", "is_false"]),
    )


def groups(members):
    return st.builds(
        lambda match, found: {"match": match, "conditions": found},
        MATCHES,
        st.lists(members, min_size=1, max_size=3),
    )


item_trees = st.recursive(flags("item"), groups, max_leaves=4)
lists = st.builds(
    lambda quantifier, group: {"field": "trigger.lines.data", "quantifier": quantifier, **group},
    MATCHES,
    groups(item_trees),
)
trees = groups(st.recursive(flags("trigger") | lists, groups, max_leaves=6))


def known(given):
    """The object without what is missing."""
    return {name: value for name, value in given.items() if value is not None}


def truth(tree, fields, lines, *, has_more):
    trigger = {**known(fields), "lines": {"data": [known(one) for one in lines], "has_more": has_more}}
    return evaluate(tree, {"trigger": trigger}).truth


def filled(draw, given):
    return {name: draw(st.booleans()) if value is None else value for name, value in given.items()}


@unhurried
@given(trees, values, items, st.booleans(), st.data())
def test_what_is_decided_stays_so_once_everything_is_known(tree, fields, lines, has_more, data):
    before = truth(tree, fields, lines, has_more=has_more)
    # `all` of an empty list is not met, and may be met by items that come later: they are unknown then.
    further = data.draw(items) if has_more else []
    whole = [filled(data.draw, one) for one in (*lines, *further)]
    after = truth(tree, filled(data.draw, fields), whole, has_more=False)
    assert after is not Truth.UNKNOWN
    assert before in (Truth.UNKNOWN, after)
