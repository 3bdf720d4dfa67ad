"""A shorter way for webhooks: past the middleware that is for people."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation

from stripeflow.triggers import views

# What the address of each webhook has in it, wherever a project mounts `urls`.
_MARK = "/stripe/webhook/"


class WebhookMiddleware:
    """Answers webhooks at once, in the site's own language. Every other request goes on as usual.

    Put it behind what webhooks need, such as Django's SecurityMiddleware, and before all that is for people:
    sessions, log-ins, messages, languages. A host's name that is not in ALLOWED_HOSTS is refused as ever.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = _found(request.path_info)
        if found is None:
            return self.get_response(request)
        request.get_host()  # raises DisallowedHost
        request.resolver_match = found
        # The thread may have answered somebody in another language before.
        with translation.override(settings.LANGUAGE_CODE):
            response = views.webhook(request, *found.args, **found.kwargs)
        # As CommonMiddleware does: without it the answer comes in chunks, or ends the connection.
        response.headers["Content-Length"] = str(len(response.content))
        return response


def _found(path: str) -> ResolverMatch | None:
    if _MARK not in path:
        return None
    try:
        found = resolve(path)
    except Resolver404:
        return None
    return found if found.func is views.webhook else None
