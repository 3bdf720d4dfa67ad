import pytest

from stripeflow.triggers.strict_json import MAX_DEPTH, Reason, Refused, parse, read


def refused(body, limit=1000):
    with pytest.raises(Refused) as error:
        read(body, limit=limit)
    return error.value


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b"{", Reason.NOT_JSON),
        (b"NaN", Reason.NOT_JSON),
        (b"[Infinity]", Reason.NOT_JSON),
        (b"[1e400]", Reason.NOT_JSON),
        (b"\xff\xfe", Reason.NOT_JSON),
        (b"[" + b"1" * 5000 + b"]", Reason.NOT_JSON),
        (b'["\\u0000"]', Reason.CHARACTER),
        (b'["\\ud800"]', Reason.CHARACTER),
        (b'{"\\u0000": 1}', Reason.CHARACTER),
        (b"[" * 101 + b"]" * 101, Reason.TOO_DEEP),
        (b"[" * 100_000 + b"]" * 100_000, Reason.TOO_DEEP),
    ],
    ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else None,
)
def test_refuses_what_could_not_be_kept(body, reason):
    assert refused(body, limit=1_000_000).reason is reason


def test_refuses_what_is_too_long_before_it_is_read():
    found = refused(b"{" * 11, limit=10)
    assert (found.reason, str(found.message)) == (Reason.TOO_LONG, "The body is longer than 10 bytes.")


def test_says_where_a_character_stands():
    assert refused(b'{"a": ["b", "\\u0000"]}').path == "/a/1"


def test_reads_what_every_database_keeps():
    assert read(b'\xef\xbb\xbf{"a": [1, 1.5, null, "\\ud83d\\ude00"]}', limit=100) == {
        "a": [1, 1.5, None, "😀"]
    }


def test_takes_as_many_levels_as_are_allowed():
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH)


@pytest.mark.parametrize("text", ["1e400", "-1e400", "1" * 5000])
def test_drops_a_huge_number_where_it_is_asked_to(text):
    assert parse(f"[{text}]", drop_huge_numbers=True) == [None]
