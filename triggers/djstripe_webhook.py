"""Finds out how the project uses dj-stripe's own webhook: its URL, and the handlers that it calls.

dj-stripe calls its handlers once for each event, and not at all for an event whose `djstripe.Event` row is
there already. If they have to run, no other code may write that row.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from weakref import ReferenceType

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from stripeflow.triggers import conf

# With DEBUG on, a caller chooses the signing secret by this header.
HEADER_OF_CALLER = "x-djstripe-webhook-secret"


def is_mounted() -> bool:
    """Whether the project's URLs lead to dj-stripe's webhook, under whatever name."""
    urlconf = getattr(settings, "ROOT_URLCONF", None)
    return urlconf is not None and _is_mounted(urlconf)


def handlers() -> list[str]:
    """The dotted names of the functions that dj-stripe calls with events, besides its own."""
    from djstripe.signals import WEBHOOK_SIGNALS

    found = {_name(entry[1]) for signal in WEBHOOK_SIGNALS.values() for entry in signal.receivers}
    return sorted(name for name in found if name and not name.startswith("djstripe."))


def mirror_writes_event_rows() -> bool:
    """Whether the mirror copies events too, and not their objects alone."""
    return conf.get("MIRROR") == "on" and not is_mounted()


def unproved() -> Any:  # noqa: ANN401 - dj-stripe's models are loaded late
    """The endpoint rows for which dj-stripe verifies nothing, and takes events from anybody."""
    from djstripe.enums import WebhookEndpointValidation
    from djstripe.models import WebhookEndpoint

    return WebhookEndpoint.objects.filter(djstripe_validation_method=WebhookEndpointValidation.none)


def takes_unproved() -> bool:
    """Whether anybody may have sent an event of dj-stripe's: its URL is mounted, for such an endpoint."""
    return is_mounted() and unproved().exists()


def proves(endpoint: Any, headers: Mapping[str, str]) -> bool:  # noqa: ANN401 - dj-stripe's row
    """Whether dj-stripe has verified a delivery, and not by a secret that came with it."""
    from djstripe.enums import WebhookEndpointValidation

    if endpoint.djstripe_validation_method == WebhookEndpointValidation.none:
        return False
    return not (settings.DEBUG and HEADER_OF_CALLER in {name.lower() for name in headers})


@lru_cache
def _is_mounted(urlconf: Any) -> bool:
    from djstripe.views import ProcessWebhookView

    views = (getattr(pattern.callback, "view_class", None) for pattern in _patterns(get_resolver(urlconf)))
    return any(isinstance(view, type) and issubclass(view, ProcessWebhookView) for view in views)


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern)
        else:
            yield pattern


def _name(receiver: Any) -> str:
    """What a signal's receiver is called; "" for one that is gone."""
    function = receiver() if isinstance(receiver, ReferenceType) else receiver
    if function is None:
        return ""
    return f"{function.__module__}.{getattr(function, '__qualname__', type(function).__name__)}"
