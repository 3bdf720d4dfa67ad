from io import BytesIO

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.test import RequestFactory

from stripeflow.triggers.chunked import BrokenChunks, NoLength, settle


class Pieces(BytesIO):
    """A body whose server gives it in pieces of three bytes at most."""

    def read(self, size=-1):
        return super().read(min(size, 3))


class Broken(BytesIO):
    def read(self, size=-1):
        raise ValueError("no chunk")


def chunked(source, *, terminated=True, **extra):
    request = RequestFactory().post("/", b"", content_type="application/json")
    environ = {**request.environ, "CONTENT_LENGTH": ""}
    changed = {**environ, "wsgi.input": source, "HTTP_TRANSFER_ENCODING": "chunked", **extra}
    if terminated:
        changed["wsgi.input_terminated"] = True
    return type(request)(changed)


def test_a_body_in_chunks_is_read_like_any_other():
    request = chunked(Pieces(b"0123456789"))
    settle(request, limit=100)
    assert request.META["CONTENT_LENGTH"] == "10"
    assert request.read() == b"0123456789"


def test_it_is_found_also_after_somebody_looked_for_the_body():
    request = chunked(Pieces(b"0123456789"))
    assert request.body == b""
    settle(request, limit=100)
    assert request.body == b"0123456789"


def test_no_more_is_read_than_one_byte_above_the_limit():
    source = Pieces(b"0123456789")
    request = chunked(source)
    settle(request, limit=4)
    assert (request.META["CONTENT_LENGTH"], source.tell()) == ("5", 5)


def test_a_server_that_does_not_say_where_the_body_ends_is_not_read():
    with pytest.raises(NoLength):
        settle(chunked(Broken(), terminated=False), limit=100)


def test_broken_chunks_are_reported():
    with pytest.raises(BrokenChunks):
        settle(chunked(Broken()), limit=100)


def test_a_body_with_a_length_is_left_alone():
    request = chunked(Broken(), CONTENT_LENGTH="3")
    settle(request, limit=100)
    assert request.META["CONTENT_LENGTH"] == "3"


def test_a_request_without_a_body_is_left_alone():
    request = RequestFactory().get("/")
    settle(request, limit=100)
    assert request.body == b""


def test_under_asgi_the_length_is_that_of_what_came():
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    request = ASGIRequest(scope, BytesIO(b"{}"))
    settle(request, limit=100)
    assert (request.META["CONTENT_LENGTH"], request.read()) == ("2", b"{}")
