"""Passwords and tokens do not travel in clear, unless somebody says that they may."""

from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured

from stripeflow.triggers.loopback import is_loopback


def refuse_plain_http(hosts: Iterable[str]) -> None:
    """Raise `ImproperlyConfigured` if one of the site's `hosts` is not this machine alone.

    Called while the settings are read, so that neither the web server nor a command starts.
    """
    if reached := [host for host in hosts if not is_loopback(host)]:
        raise ImproperlyConfigured(
            f"Others reach this site as {', '.join(reached)}, and it does not ask for HTTPS. Set SECURE=1, "
            "and behind a proxy that ends TLS also BEHIND_TLS_PROXY=1. Where the network itself is closed to "
            "others, set PLAIN_HTTP=1."
        )
