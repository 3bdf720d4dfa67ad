"""What tells the items of a list apart."""

import pytest

from stripeflow.workflows.blocks.loop.identity import MAX_KEY, identified, key_of


def keys(*values, **options):
    return [one.key for one in identified(values, **options)]


def test_an_object_is_found_by_its_id_and_another_value_by_its_number():
    assert keys({"id": "il_1"}, {"amount": 3}, "b", "cus_1", 4) == ["il_1", "1", "2", "cus_1", "4"]


def test_an_id_that_comes_twice_counts_once_and_equal_texts_count_each():
    assert keys({"id": "ch_1"}, {"id": "ch_1", "amount": 2}, "a", "a") == ["ch_1", "1", "2"]


def test_numbers_go_on_behind_those_of_earlier_pages_and_known_keys_are_left_out():
    found = list(identified([{"id": "ch_1"}, {"id": "ch_2"}], first=7, known={"ch_1"}))
    assert [(one.number, one.key) for one in found] == [(7, "ch_2")]


@pytest.mark.parametrize("odd", ["a/b", "7", "Ü_1", "x" * 41, "cs_test_" + "a" * 58])
def test_an_id_that_does_not_fit_a_path_is_told_by_a_digest(odd):
    key = key_of(odd, 3)
    assert key.startswith("id-")
    assert len(key) <= MAX_KEY
    assert "/" not in key
    assert key != key_of(odd + "b", 3)


def test_no_id_can_take_the_key_of_a_number():
    assert keys({"id": "1"}, {"amount": 1}) != ["1", "1"]
    assert len(set(keys({"id": "1"}, {"amount": 1}))) == 2
