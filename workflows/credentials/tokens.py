"""Tokens of the REST API: made, revoked, deleted and first used, each with a row of the audit log."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from stripeflow.workflows.access import money_check
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.kinds import Kind
from stripeflow.workflows.audit.origins import origin_of
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.models.audit import Via
from stripeflow.workflows.models.token_scope import Scope


def make(token: ApiToken, act: Act) -> str:
    """Save this new row with a fresh token, and return the token; it cannot be read again.

    Raises `ProofNeeded`: a token that may move money is as good as moving it.
    """
    if Scope.MONEY in token.granted:
        money_check.check(act.user)
    with transaction.atomic():
        secret = token.issue()
        token.save(force_insert=True)
        expires = token.expires_at.isoformat() if token.expires_at else None
        _record(kinds.TOKEN_MADE, act, token, expires=expires, scopes=token.scopes)
    return secret


def revoke(tokens: QuerySet[ApiToken], act: Act) -> int:
    """End those of the tokens that are not revoked; returns how many."""
    return sum(_revoke(token, act) for token in tokens.filter(revoked_at=None).select_related("user"))


def delete(token: ApiToken, act: Act) -> None:
    """Delete the row of a token, which ends it as well. The log names only the first who does."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk).delete()[0]:
            _record(kinds.TOKEN_DELETED, act, token)


def note_first_use(token: ApiToken, request: Any, now: datetime) -> None:
    """Record the first use of a token, unless another request has just done so."""
    # Django's own request: the one of the API would authenticate the caller again.
    origin = replace(
        origin_of(request._request), via=Via.API, token_id=token.pk, token=token.hint, session=""
    )
    with transaction.atomic():
        used = {"last_used_at": now, "last_used_from": origin.address or None}
        if ApiToken.objects.filter(pk=token.pk, last_used_at=None).update(**used):
            _record(kinds.TOKEN_FIRST_USED, Act(token.user, origin=origin), token)


def _revoke(token: ApiToken, act: Act) -> int:
    with transaction.atomic():
        landed = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
        if landed:
            _record(kinds.TOKEN_REVOKED, act, token)
    return landed


def _record(kind: Kind, act: Act, token: ApiToken, **facts: str | None) -> None:
    record(kind, act, token, after={"owner": token.user.get_username(), **facts})
