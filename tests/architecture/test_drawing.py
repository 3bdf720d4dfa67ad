"""The plan in docs/architecture.md, and what it says."""

import pytest

from tests.architecture import drawing


def test_rooms_do_not_import_each_other_in_circles():
    assert drawing.floors(drawing.rooms())


def test_picture_and_table_say_what_the_imports_say():
    assert drawing.is_fresh(), "Run `python -m tests.architecture.drawing`."


def test_every_room_says_what_happens_there():
    assert [room for room in drawing.rooms() if not drawing.purpose(room)] == []


def test_a_room_stands_above_all_that_it_imports():
    plan = {"a": frozenset(), "b": frozenset({"a"}), "c": frozenset({"a", "b"}), "d": frozenset()}
    assert drawing.floors(plan) == [["a", "d"], ["b"], ["c"]]


def test_an_arrow_that_follows_from_others_is_left_out():
    plan = {"a": frozenset(), "b": frozenset({"a"}), "c": frozenset({"a", "b"})}
    assert drawing.arrows(plan) == [("b", "a"), ("c", "b")]


def test_a_circle_is_named():
    with pytest.raises(ValueError, match="a, b"):
        drawing.floors({"a": frozenset({"b"}), "b": frozenset({"a"}), "c": frozenset()})
