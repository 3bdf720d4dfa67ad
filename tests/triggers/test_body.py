import pytest
from django.http import UnreadablePostError
from django.test import RequestFactory

from stripeflow.triggers.body import BodyTooLarge, InvalidBody, decode, parse, read


def post(body, **extra):
    return RequestFactory().post("/", body, content_type="application/json", **extra)


def test_reads_up_to_the_limit():
    assert read(post(b"x" * 10), limit=10) == b"x" * 10


def test_refuses_one_byte_more():
    with pytest.raises(BodyTooLarge):
        read(post(b"x" * 11), limit=10)


@pytest.mark.parametrize("length", ["11", "9" * 40])
def test_refuses_an_announced_length_without_reading(length):
    request = post(b"")
    request.META["CONTENT_LENGTH"] = length
    request.read = None
    with pytest.raises(BodyTooLarge):
        read(request, limit=10)


@pytest.mark.parametrize("length", ["", "-5", "abc", "1e9", "²"])
def test_reads_what_is_there_when_the_length_is_nonsense(length):
    request = post(b"")
    request.META["CONTENT_LENGTH"] = length
    assert read(request, limit=10) == b""


def test_a_sender_who_hangs_up_is_refused():
    def hang_up(size):
        raise UnreadablePostError("gone")

    request = post(b"x")
    request.read = hang_up
    with pytest.raises(InvalidBody, match="ended early"):
        read(request, limit=10)


def test_a_byte_order_mark_is_left_out():
    assert decode(b"\xef\xbb\xbf{}") == "{}"


@pytest.mark.parametrize("text", ["1e400", "-1e400", "1" * 5000, "-" + "1" * 4300])
def test_a_number_beyond_all_measure_is_none(text):
    assert parse(f"[{text}]") == [None]


def test_only_utf8_is_decoded():
    with pytest.raises(InvalidBody, match="UTF-8"):
        decode(b"\xff\xfe")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "\x00",
        '"\x00"',
        "NaN",
        "[Infinity]",
        "[-Infinity]",
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "[" * 101 + "]" * 101,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_refuses_what_cannot_be_kept(text):
    with pytest.raises(InvalidBody):
        parse(text)


def test_takes_ordinary_nesting():
    assert parse("[" * 99 + "]" * 99)


def test_the_last_of_duplicate_keys_counts():
    assert parse('{"a": 1, "a": 2}') == {"a": 2}
