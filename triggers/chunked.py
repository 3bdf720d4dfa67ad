"""Bodies that come in chunks (`Transfer-Encoding: chunked`), without the length that Django goes by.

Under WSGI Django reads nothing of them. Servers that take the chunks apart say so by `wsgi.input_terminated`:
gunicorn, Werkzeug, mod_wsgi. uWSGI, and Django's own runserver, do not: there a proxy has to send the length.
"""

from io import BytesIO
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

NO_LENGTH = _(
    "The body came in chunks, which this web server does not put together. Have the proxy before it send a "
    "Content-Length, or use a server such as gunicorn."
)


class NoLength(Exception):
    """The server does not say where the body ends, so it cannot be read."""


class BrokenChunks(Exception):
    """The chunks are malformed, or end early."""


def settle(request: HttpRequest, *, limit: int) -> None:
    """Give a request that came in chunks its length, and a stream that Django reads; others stay as they are.

    At most one byte more than `limit` is read. Raises NoLength or BrokenChunks.
    """
    if request.META.get("CONTENT_LENGTH") or not _is_chunked(request):
        return
    body = _read(_source(request), limit + 1)
    request.META["CONTENT_LENGTH"] = str(len(body))
    vars(request).update(_stream=BytesIO(body), _read_started=False)
    # Anything that a middleware read before was empty, since there was no length.
    vars(request).pop("_body", None)


def _is_chunked(request: HttpRequest) -> bool:
    if not hasattr(request, "environ"):  # ASGI, where the server has put the body together
        return request.method in ("POST", "PUT", "PATCH")
    return "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()


def _source(request: HttpRequest) -> Any:  # noqa: ANN401  a file of bytes
    if not hasattr(request, "environ"):
        return request
    if not request.environ.get("wsgi.input_terminated"):
        raise NoLength
    return request.environ["wsgi.input"]


def _read(source: Any, most: int) -> bytes:  # noqa: ANN401
    found = bytearray()
    try:
        while len(found) < most and (more := source.read(most - len(found))):
            found += more
    except Exception as error:  # noqa: BLE001  each server has errors of its own
        raise BrokenChunks from error
    return bytes(found)
