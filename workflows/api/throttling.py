"""Limits how many wrong tokens an unknown caller may send."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from stripeflow.triggers.addresses import address_of
from stripeflow.workflows import conf


class WrongTokens(SimpleRateThrottle):
    """How many wrong tokens one address may send in a minute.

    A token that works is never refused, whatever others send from its address: it cannot be guessed, so
    that all there is to bound is what a wrong one costs. The count is in Django's default cache.
    """

    def __init__(self) -> None:
        self.rate = f"{conf.get('WRONG_TOKENS_PER_MINUTE')}/min"
        super().__init__()

    def get_cache_key(self, request: Request, view: Any) -> str:
        return f"stripeflow.wrong_tokens.{address_of(request)}"


def count_wrong_token(request: Request) -> None:
    """Count one more from the address of the request. Raises `Throttled` if there were too many."""
    throttle = WrongTokens()
    if not throttle.allow_request(request, APIView()):
        raise Throttled(throttle.wait(), _("Too many wrong tokens came from this address."))
