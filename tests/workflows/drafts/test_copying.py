import pytest

from stripeflow.workflows.drafts.copying import keys_of, step_of, with_fresh_keys
from tests.workflows.documents import action, branch, compare, document, failing, group, way


def nested():
    inner = way(
        "yes",
        group(compare("steps.one.amount", "is_present")),
        action("inside", text="{{ steps.one.id }}"),
        action("after", text="{{ steps.inside.id }} and steps.inside_2.id"),
    )
    return document(action("one"), branch("choice", inner))


def test_a_step_is_taken_with_what_is_inside():
    assert keys_of(step_of(nested(), "choice")) == ["choice", "inside", "after"]


def test_the_copy_is_not_the_original():
    source = nested()
    step_of(source, "one")["inputs"]["text"] = "changed"
    assert source == nested()


def test_a_step_that_is_not_there():
    with pytest.raises(KeyError):
        step_of(nested(), "none")


def test_keys_that_are_free_stay():
    step = step_of(nested(), "choice")
    assert with_fresh_keys(step, {"one"}) == step


def test_taken_keys_get_numbers_and_references_follow():
    copy = with_fresh_keys(step_of(nested(), "choice"), {"one", "choice", "inside", "after", "inside_2"})
    [first, second] = copy["branches"][0]["steps"]
    assert keys_of(copy) == ["choice_2", "inside_3", "after_2"]
    # What stands outside of the copy is still meant; and a longer key is another one.
    assert first["inputs"]["text"] == "{{ steps.one.id }}"
    assert second["inputs"]["text"] == "{{ steps.inside_3.id }} and steps.inside_2.id"


def test_conditions_follow_too():
    ways = way("yes", group(compare("steps.inside.amount", "is_present")), action("last"))
    step = branch("outer", way("a", group(), action("inside"), branch("inner", ways)))
    copy = with_fresh_keys(step, {"inside"})
    inner = copy["branches"][0]["steps"][1]
    assert inner["branches"][0]["conditions"]["conditions"][0]["field"] == "steps.inside_2.amount"


def test_long_keys_stay_within_their_length():
    key = "x" * 60
    [fresh] = keys_of(with_fresh_keys(action(key), {key}))
    assert fresh == "x" * 58 + "_2"


def test_what_is_inside_an_error_branch_goes_along_and_follows():
    inside = action("two", text="{{ steps.one.error.message }} {{ steps.ones.error.code }}")
    source = document(failing(action("one", text="a"), inside))
    copy = with_fresh_keys(step_of(source, "one"), {"one", "two"})
    assert keys_of(copy) == ["one_2", "two_2"]
    [second] = copy["error_branch"]["steps"]
    assert second["inputs"] == {"text": "{{ steps.one_2.error.message }} {{ steps.ones.error.code }}"}
