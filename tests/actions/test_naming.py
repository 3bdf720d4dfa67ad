import pytest
from django.utils import translation

from stripeflow.actions.naming import close_to, did_you_mean, with_close

KNOWN = ("greater_than", "greater_or_equal", "equal", "Editor")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("greater_then", ["greater_than"]),
        ("EQUAL", ["equal"]),
        (" editr ", ["Editor"]),
        ("nothing", []),
        ("", []),
        (5, []),
        (None, []),
        ("greater_than" * 1000, []),
    ],
)
def test_finds_the_names_that_come_close(name, found):
    assert close_to(name, KNOWN)[:1] == found


def test_asks_in_a_sentence():
    assert did_you_mean("status", ["statuz", "statua"]) == "Did you mean “statuz” or “statua”?"
    assert did_you_mean("x", KNOWN) == ""


def test_quotes_names_as_the_reader_does():
    with translation.override("ja"):
        assert did_you_mean("equl", KNOWN) == "「equal」ではありませんか？"


def test_follows_the_message():
    assert with_close("There is none.", "equl", KNOWN) == "There is none. Did you mean “equal”?"
    assert with_close("There is none.", "x", KNOWN) == "There is none."
