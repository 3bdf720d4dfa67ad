"""Asks the project, before money moves, whether the user has proved who they are.

The setting MONEY_CHECK names a function of the project, such as one that asks for a second factor.
"""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from stripeflow.workflows import conf

logger = logging.getLogger(__name__)


class ProofNeeded(PermissionDenied):
    """The user may do it, but has to prove first who they are."""


def check(user: Any) -> None:
    """Raise `ProofNeeded`, with a sentence, unless the project lets `user`; see `refusal`."""
    if reason := refusal(user):
        raise ProofNeeded(reason)


def refusal(user: Any) -> str:
    """What `user` has to do first, as a sentence, or "". None, the command line, has to do nothing.

    The function is given the user of the request. True lets them; a text says what they have to do.
    Everything else is a refusal, also an exception in the function.
    """
    path = conf.get("MONEY_CHECK")
    if not path or user is None:
        return ""
    try:
        answer = import_string(path)(user)
    except Exception:  # noqa: BLE001 - the project's own code; no failure in it may let money move
        logger.exception("workflows.access.money_check.failed")
        answer = False
    if answer is True:
        return ""
    reason = answer if isinstance(answer, str) else ""
    return reason or _("This moves money or destroys something. Log in with your second factor first.")
