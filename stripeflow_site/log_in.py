"""Log-in: which name and which address are locked after too many wrong passwords, and what is said then.

django-axes counts in the database, so that every process counts the same, and refuses before any password is
hashed. See its AXES_… settings in `settings`.
"""

import logging
from math import ceil
from typing import Any

from axes.helpers import get_cool_off
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from stripeflow.triggers.addresses import address_of

logger = logging.getLogger(__name__)


def address(request: HttpRequest) -> str | None:
    """The address that is counted; None where it is not known, as behind a socket of the file system."""
    return address_of(request) or None


def counted(request: Any, credentials: dict[str, Any] | None = None) -> list[str]:
    """By what wrong passwords are counted: each by itself. All of an unknown address are not one."""
    return ["username", "ip_address"] if getattr(request, "axes_ip_address", None) else ["username"]


def locked(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """The answer to a person who has to wait: 429, with the seconds in the header Retry-After."""
    seconds = ceil(get_cool_off(request).total_seconds())
    context = {"site_header": site.site_header, "minutes": ceil(seconds / 60)}
    answer = render(request, "stripeflow_site/locked.html", context, status=429)
    answer["Retry-After"] = seconds
    answer["Cache-Control"] = "no-store, private"
    return answer


def log_lock(sender: Any, request: HttpRequest, username: str | None, **kwargs: Any) -> None:
    """One line for each log-in that was refused unseen. A name that nobody has may be a password."""
    users = get_user_model()
    known = users._default_manager.filter(**{users.USERNAME_FIELD: username or ""}).exists()
    facts = {"address": getattr(request, "axes_ip_address", "") or "", "user": username if known else ""}
    logger.warning("site.log_in.locked", extra=facts)
