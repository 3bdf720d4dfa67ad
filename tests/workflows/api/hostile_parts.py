"""Parts of the hostile host project: each makes itself felt wherever it gets in."""

from rest_framework.filters import BaseFilterBackend
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.throttling import BaseThrottle


class Nobody(BasePermission):
    def has_permission(self, request, view):
        return False


class Never(BaseThrottle):
    def allow_request(self, request, view):
        return False


class NoFormat(DefaultContentNegotiation):
    def select_renderer(self, request, renderers, format_suffix=None):
        raise AssertionError("The host's negotiation was asked.")


class NothingPasses(BaseFilterBackend):
    def filter_queryset(self, request, queryset, view):
        return queryset.none()


def broken(*args, **kwargs):
    raise AssertionError("A function of the host was called.")
