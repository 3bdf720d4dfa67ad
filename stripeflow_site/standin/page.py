"""The human page."""

from werkzeug.wrappers import Request, Response

from stripeflow_site.standin.world import World


def show(world: World, request: Request) -> Response:
    """The page."""
    return Response("The stand-in is running.", content_type="text/plain; charset=utf-8")


def send(world: World, request: Request) -> Response:
    """Nothing to send yet."""
    return Response("", 303, headers={"Location": "/"})
