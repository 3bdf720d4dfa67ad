"""Servers that answer badly on purpose: no answer takes longer, or more memory, than it may."""

import gzip
import time
import tracemalloc
import zlib

import pytest

from stripeflow.actions import outbound
from stripeflow.actions.errors import TransientError, UnknownOutcome
from tests.actions.outbound.hostile import again, answer

# For servers that never end, and for those that do.
SHORT, LONG = 0.5, 20
# A busy machine may take so much longer.
SLACK = 3
HEAD = b"HTTP/1.1 200 OK\r\n"
BOMB = gzip.compress(b"\0" * 30_000_000)


def chunked(*parts, end=b"0\r\n\r\n"):
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body + end


# The beginning of the body that is kept, and what is said of the rest.
ANSWERS = {
    "whole": (answer(b"abc"), b"abc", ""),
    "chunks": (chunked(b"ab", b"c"), b"abc", ""),
    "until it closes": (HEAD + b"\r\nabc", b"abc", ""),
    "until it closes within a header": (HEAD + b"X-A: b", b"", ""),
    "no body": (b"HTTP/1.1 204 No Content\r\n\r\n", b"", ""),
    "continue first": (b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"abc"), b"abc", ""),
    "longer than it says": (answer(b"abc", length=2), b"ab", ""),
    "shorter than it says": (answer(b"abc", length=9), b"", "broke off"),
    "closed within a chunk": (chunked(b"abc", end=b"9\r\nab"), b"abc", "broke off"),
    "a chunk of no size": (chunked(b"abc", end=b"x\r\n\r\n"), b"abc", "broke off"),
    "slow bytes": (again(answer(b"", length=99), b"a", 0.05), b"", "in time"),
    "slow bytes without a length": (again(HEAD + b"\r\n", b"a", 0.05), b"", "in time"),
    "silence after the headers": (again(answer(b"abc", length=99), b"", 5), b"", "in time"),
    "for ever": (again(HEAD + b"\r\n", b"a" * 65536), b"a", "longer than"),
    "chunks for ever": (again(chunked(end=b""), b"3\r\nabc\r\n"), b"abc", "longer than"),
    "trailers for ever": (again(chunked(b"abc", end=b"0\r\n"), b"X-A: b\r\n"), b"abc", "in time"),
    "a bomb": (answer(BOMB, headers=["Content-Encoding: gzip"]), b"\0", "longer than"),
    "a bomb in a bomb": (
        answer(gzip.compress(BOMB), headers=["Content-Encoding: gzip, gzip"]),
        b"\0",
        "longer than",
    ),
    "a bomb by deflate": (
        answer(zlib.compress(b"\0" * 30_000_000), headers=["Content-Encoding: deflate"]),
        b"\0",
        "longer than",
    ),
    "not what it says": (answer(b"abc", headers=["Content-Encoding: gzip"]), b"", "broke off"),
    "gzip": (answer(gzip.compress(b"abc"), headers=["Content-Encoding: gzip"]), b"abc", ""),
    "a redirect for ever": (
        again(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", b"a" * 65536),
        b"a",
        "longer than",
    ),
    "headers that are long": (answer(b"abc", headers=[f"X-A: {'a' * 40_000}"]), b"", "headers"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_of_any_answer_the_status_and_the_beginning_are_kept(serve, name):
    script, begins, cut = ANSWERS[name]
    seconds = SHORT if cut == "in time" else LONG
    server, since = serve(script), time.monotonic()
    got = outbound.send("POST", server.origin, timeout=seconds, max_bytes=100_000)
    assert time.monotonic() - since < seconds + SLACK
    assert got.status in (200, 204, 302)
    assert got.body.startswith(begins)
    assert len(got.body) <= 100_000
    assert cut in got.cut
    assert bool(cut) == bool(got.cut)


NO_ANSWERS = {
    "nothing": b"",
    "not HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "half a status": b"HTTP/1.1 2",
    "silence": again(b"", b"", 5),
    "slow headers": again(HEAD, b"X-A: b\r\n", 0.05),
    "a slow header": again(HEAD + b"X-A: ", b"b", 0.05),
    "headers for ever": again(HEAD, b"X-A: b\r\n"),
    "a header for ever": again(HEAD + b"X-A: ", b"b" * 65536),
    "a status for ever": again(b"HTTP/1.1 200 ", b"b" * 65536),
    "continue for ever": again(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}

ENDLESS = {"silence", "slow headers", "a slow header", "continue for ever"}


@pytest.mark.parametrize("name", NO_ANSWERS)
@pytest.mark.parametrize(("method", "kind"), [("POST", UnknownOutcome), ("GET", TransientError)])
def test_without_an_answer_a_request_that_writes_is_unknown(serve, name, method, kind):
    script, since = NO_ANSWERS[name], time.monotonic()
    server, seconds = serve(script), SHORT if name in ENDLESS else LONG
    with pytest.raises(kind) as failed:
        outbound.send(method, server.origin, timeout=seconds)
    assert failed.value.code == "no_answer"
    assert time.monotonic() - since < seconds + SLACK


def test_a_bomb_takes_no_memory(serve):
    server = serve(answer(BOMB, headers=["Content-Encoding: gzip"]))
    outbound.send("GET", server.origin, max_bytes=100_000)
    tracemalloc.start()
    try:
        outbound.send("GET", server.origin, max_bytes=100_000)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_redirect_with_an_endless_body_takes_no_memory(serve):
    server = serve(again(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", b"a" * 65536))
    tracemalloc.start()
    try:
        outbound.send("GET", server.origin, max_bytes=100_000)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_what_is_said_of_a_failure_holds_no_value(serve, caplog):
    server = serve(b"")
    with pytest.raises(UnknownOutcome) as failed:
        outbound.send("POST", f"{server.origin}/LEAKED?a=LEAKED", headers={"X-A": "LEAKED"}, body=b"LEAKED")
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
    assert "LEAKED" not in f"{failed.value} {failed.value.details} {caplog.text}"
