"""Makes foreign text safe to read: shows or removes invisible characters, and controls of its direction.

A customer may write line breaks, controls of direction, and characters of no width: they could make a page
or an e-mail say what it does not say. Code that shows such a text calls this module. JSON is shown by
`stripeflow.triggers.json_safety.readable`.
"""

import re

# What marks a line break where there may be only one line.
BREAK = " ⏎ "
_BREAKS = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Controls, and what Unicode calls default ignorable: controls of direction, joiners, fillers, tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_JOINER = "\u200d"
# Two pictures that a joiner makes one: the sign before it may say how it is drawn, or in which colour.
_PICTURE = re.compile("[\u2190-\u2bff\ufe0e\ufe0f\U0001f000-\U0001faff]")


def visible(text: str) -> str:
    """The text with `[U+202E]` in place of what cannot be seen; of each line break, a plain one."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(_named, _BREAKS.sub("\n", text))


def single_line(text: str) -> str:
    """The same in one line: “⏎” stands where it breaks."""
    lines = (line.strip() for line in visible(text).split("\n"))
    return BREAK.join(filter(None, lines))


def _named(found: re.Match[str]) -> str:
    place = found.start()
    before, after = found.string[max(place - 1, 0) : place], found.string[place + 1 : place + 2]
    if found[0] == _JOINER and _PICTURE.match(before) and _PICTURE.match(after):
        return _JOINER
    return f"[U+{ord(found[0]):04X}]"
