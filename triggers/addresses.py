"""The address that a request came from. Headers can be forged, so they count only behind known proxies."""

import ipaddress

from django.http import HttpRequest

from stripeflow.triggers import conf


def address_of(request: HttpRequest) -> str:
    """The IP address of the client; "" if the request came by a Unix socket.

    `X-Forwarded-For` is read from its end, one entry for each proxy of TRUSTED_PROXIES: the client may have
    written the entries before those.
    """
    proxies = conf.get_int("TRUSTED_PROXIES")
    sent = request.META.get("HTTP_X_FORWARDED_FOR", "") if proxies > 0 else ""
    hops = [hop.strip() for hop in sent.split(",") if hop.strip()]
    if hops:
        return _address(hops[-min(proxies, len(hops))])
    return _address(request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
