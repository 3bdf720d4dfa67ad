"""Limits expensive reads to one at a time for each person, so that nobody uses up a site's threads.

The turns are in Django's cache: for each process if that is in memory, for all if it is shared.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.contrib.admin import site
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

# Seconds after which a turn ends whose process died.
LONGEST = 60
# After a read that took longer than this, a person waits as long again before the next one.
SHORT = 2.0


class Busy(Exception):
    """Another such read of this person is still running. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            _("Another search or back-test of yours is not done yet. Try again in %d seconds.") % retry_after
        )


@contextmanager
def turn(user: Any) -> Iterator[None]:
    """A turn of `user` for one expensive read. Raises `Busy` at once, and never waits."""
    key, started = f"stripeflow:turn:{user.pk}", time.monotonic()
    if not cache.add(key, time.time() + LONGEST, timeout=LONGEST):
        raise Busy(_seconds_until(cache.get(key)))
    try:
        yield
    finally:
        took = min(time.monotonic() - started, LONGEST)
        if took > SHORT:
            cache.set(key, time.time() + took, timeout=math.ceil(took))
        else:
            cache.delete(key)


def _seconds_until(end: float | None) -> int:
    return max(1, math.ceil((end or 0) - time.time()))


def answers_busy(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a page of the admin answer 429, with a sentence, where `Busy` is raised in it."""

    @wraps(view)
    def answered(admin: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(admin, request, *args, **kwargs)
        except Busy as error:
            context = {**site.each_context(request), "title": _("One at a time"), "message": str(error)}
            headers = {"Retry-After": str(error.retry_after)}
            template = "stripeflow/triggers/busy.html"
            return TemplateResponse(request, template, context, status=429, headers=headers)

    return answered
