import json
import math

import pytest

from stripeflow.triggers.json_safety import readable, sanitize


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


def test_json_for_people_escapes_what_cannot_be_seen():
    value = {"na\u202eme": "a\u200bb\nc", "plain": "Zoë 山田"}
    written = readable(value)
    assert json.loads(written) == value
    assert "\\u202e" in written
    assert "a\\u200bb\\nc" in written
    assert "Zoë 山田" in written
