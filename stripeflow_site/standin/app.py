"""The WSGI application: who may ask, and whether it is the API, a control or the page."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from stripeflow_site.standin import api, control, page
from stripeflow_site.standin.control import ControlError
from stripeflow_site.standin.world import World

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
LARGEST_BODY = 4 * 1024 * 1024
CONTROL_PREFIX = "/_control/"


class Refused(Exception):
    """A request that is answered with this status and sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Application:
    """Serves one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        request = Request(environ)
        request.max_content_length = LARGEST_BODY
        return self._respond(request)(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            _check_host(request)
            if request.path.startswith(("/v1/", "/v2/")):
                return api.respond(self._world, request)
            if request.path.startswith(CONTROL_PREFIX):
                return self._control(request)
            return self._page(request)
        except Refused as refused:
            return _json({"error": str(refused)}, refused.status)
        except ControlError as error:
            return _json({"error": str(error)}, 400)
        except HTTPException as error:
            return _json({"error": error.description}, error.code or 500)

    def _control(self, request: Request) -> Response:
        name = request.path.removeprefix(CONTROL_PREFIX)
        if request.method == "GET":
            return _json(control.run(self._world, "GET", name, request.args.to_dict()))
        if request.method != "POST":
            raise Refused(405, "Controls are GET or POST.")
        _check_same_origin(request)
        return _json(control.run(self._world, "POST", name, _document(request)))

    def _page(self, request: Request) -> Response:
        if request.method in ("GET", "HEAD"):
            return page.show(self._world, request)
        if request.method != "POST":
            raise Refused(405, "The page is GET or POST.")
        _check_same_origin(request)
        return page.send(self._world, request)


def _check_host(request: Request) -> None:
    """Refuse names other than this machine's, as a rebound DNS name would be."""
    name = request.headers.get("Host", "").lower()
    if not name.endswith("]"):
        bare, _, port = name.rpartition(":")
        name = bare if bare and port.isdigit() else name
    if name not in LOCAL_NAMES:
        raise Refused(403, "The stand-in answers only to the names of this machine.")


def _check_same_origin(request: Request) -> None:
    """Refuse what another site's page makes a browser send; programs send neither header."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Refused(403, "Requests of other sites are refused.")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("Host"):
        raise Refused(403, "Requests of other sites are refused.")


def _document(request: Request) -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise Refused(415, "A control takes JSON.")
    try:
        document = json.loads(request.get_data())
    except ValueError:
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(document, dict):
        raise Refused(400, "The body is not a JSON object.")
    return document


def _json(value: Any, status: int = 200) -> Response:  # noqa: ANN401 - any JSON value
    return Response(json.dumps(value), status, content_type="application/json")
