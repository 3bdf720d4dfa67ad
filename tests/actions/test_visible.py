import sys
import unicodedata

import pytest

from stripeflow.actions.visible import single_line, visible

# Every character that turns the direction of what follows, or is a mark of direction.
DIRECTION = [
    chr(code)
    for code in range(sys.maxunicode + 1)
    if unicodedata.bidirectional(chr(code)) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
] + ["\u200e", "\u200f", "\u061c"]


def test_the_list_of_directions_is_whole():
    assert len(DIRECTION) == 12


@pytest.mark.parametrize("character", DIRECTION, ids=lambda one: f"U+{ord(one):04X}")
def test_a_control_of_direction_is_named(character):
    assert visible(f"a{character}b") == single_line(f"a{character}b") == f"a[U+{ord(character):04X}]b"


def test_no_control_and_no_format_character_is_left():
    """Of all characters there are, but for the two that lay out plain text."""
    unseen = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and chr(code) not in "\n\t"
    ]
    # These are drawn: signs around or above numbers in Arabic, Syriac and Kaithi.
    drawn = {chr(code) for code in (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2)}
    assert {one for one in unseen if one in visible(f"a{one}b")} == drawn


@pytest.mark.parametrize("text", list("\u200b\u200c\u200d\u2060\ufeff\u00ad\u3164\u115f"))
def test_what_has_no_width_is_named(text):
    assert visible(f"pay{text}pal") == f"pay[U+{ord(text):04X}]pal"


@pytest.mark.parametrize(
    "text", ["Zoë Müller", "山田\u3000太郎", "שלום", "سلام", "👨‍👩‍👧", "❤️‍🔥", "1\u00a0000", "a\tb"]
)
def test_ordinary_text_stays_as_it_is(text):
    assert visible(text) == text


@pytest.mark.parametrize("line_break", [*"\n\r\x0b\x0c\x85\u2028\u2029\x1c", "\r\n"])
def test_every_line_break_is_a_plain_one_or_a_mark(line_break):
    assert visible(f"a{line_break}b") == "a\nb"
    assert single_line(f" a{line_break}{line_break}b{line_break}") == "a ⏎ b"
    assert len(single_line(f"a{line_break}b").splitlines()) == 1
