"""Answers `/health/` and `/metrics` for probes that call the site by an address of its own."""

import ipaddress
from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from stripeflow.workflows import conf
from stripeflow.workflows.monitoring.access import has_token
from stripeflow.workflows.monitoring.health import health
from stripeflow.workflows.monitoring.metrics import metrics

Answer = Callable[[HttpRequest], HttpResponse]
# The view, and the setting that holds its token.
_TOKENS: dict[Answer, str] = {health: "HEALTH_TOKEN", metrics: "METRICS_TOKEN"}


class ProbeMiddleware:
    """Lets a probe ask for `/health/` and `/metrics` by a host name that is not in ALLOWED_HOSTS.

    Put it first: Django's own middleware refuses such a request. A probe is a request with the view's token,
    or from this machine. All other requests, and those by an allowed name, go on as usual.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Nearly all requests: looking for the view would cost each of them more.
        if _host_is_allowed(request):
            return self.get_response(request)
        view = _view_of(request)
        if view is None or not _is_probe(request, _TOKENS[view]):
            return self.get_response(request)
        request.user = AnonymousUser()
        return view(request)


def _view_of(request: HttpRequest) -> Answer | None:
    try:
        found = resolve(request.path_info).func
    except Resolver404:
        return None
    return found if found in _TOKENS else None


def _host_is_allowed(request: HttpRequest) -> bool:
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _is_probe(request: HttpRequest, setting: str) -> bool:
    return has_token(request, conf.get(setting)) or _is_from_this_machine(request)


def _is_from_this_machine(request: HttpRequest) -> bool:
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # a Unix socket has no address
        return False
