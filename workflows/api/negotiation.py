"""What goes over the wire: JSON, written in one way, and chosen by the header Accept alone."""

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request


class PlainJson(JSONRenderer):
    """Compact JSON in UTF-8, whatever a host project's settings say of it."""

    ensure_ascii = False
    compact = True
    strict = True


class ByAcceptAlone(DefaultContentNegotiation):
    """No query parameter chooses the format: hosts name it as they like, and it could hide one of ours."""

    class settings:  # noqa: N801 - the name that it is read by
        URL_FORMAT_OVERRIDE = None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return super().select_renderer(request, renderers)
