import math

import pytest

from triggers.json_safety import sanitize


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\x00b", "a\ufffdb"),
        ("\ud800", "\ufffd"),
        ("\U0001f600", "\U0001f600"),
        ({"k\x00": ["\udfff", {"n": "\x00"}]}, {"k\ufffd": ["\ufffd", {"n": "\ufffd"}]}),
        (math.nan, None),
        ([math.inf, -math.inf, 1.5], [None, None, 1.5]),
        ((1, "x"), [1, "x"]),
        ({1: True}, {"1": True}),
        (None, None),
        (10**4000, 10**4000),
    ],
)
def test_makes_values_storable(value, expected):
    assert sanitize(value) == expected


def test_leaves_the_original_alone():
    original = {"a": ["\x00"]}
    sanitize(original)
    assert original == {"a": ["\x00"]}


def test_cuts_nothing_off():
    assert len(sanitize("x" * 1_000_000)) == 1_000_000
