"""Addresses of what was made, wherever a host project has put the API."""

from typing import Any, cast

from django.urls import ResolverMatch, reverse
from rest_framework.request import Request


def location(request: Request, name: str, pk: Any) -> dict[str, str]:
    """The header `Location` of the workflow or run with this id."""
    namespace = cast(ResolverMatch, request.resolver_match).namespace
    return {"Location": reverse(f"{namespace}:{name}", args=[pk])}
