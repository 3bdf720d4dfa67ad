"""Who calls: the bearer of a token, or somebody with a session and Django's CSRF token."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from stripeflow.triggers.addresses import address_of
from stripeflow.workflows import permissions
from stripeflow.workflows.api.throttling import count_wrong_token
from stripeflow.workflows.audit.requests import facts_of
from stripeflow.workflows.credentials import tokens
from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.models.api_token import PREFIX, TokenState, hint_of
from stripeflow.workflows.models.token_scope import Scope

logger = logging.getLogger(__name__)

# How exact `last_used_at` is; a write for each request would cost more than it tells.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer sflow_…`. A token is found by its digest, so no text is ever compared."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        scheme, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        # For the log lines of this request. Without the prefix: logs hide all that begins with it.
        facts_of(request).token = hint_of(secret).removeprefix(PREFIX)
        now = timezone.now()
        digest = ApiToken.digest_of(secret.strip())
        token = ApiToken.objects.select_related("user").filter(digest=digest).first()
        state = token.state(now) if token is not None else None
        if token is None or state is not TokenState.VALID:
            count_wrong_token(request)
            logger.warning("workflows.api.token_refused", extra=_facts(token, state, request))
            raise AuthenticationFailed(_("The token is unknown, expired or revoked."))
        _note_use(token, request, now)
        permissions.confine(token.user, token.granted)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="StripeFlow"'


def _facts(token: ApiToken | None, state: TokenState | None, request: Request) -> dict[str, object]:
    """What the log says of a refused token, and of its owner if it has one."""
    known = {} if token is None else {"token_id": token.pk, "user": token.user.get_username()}
    return {"reason": state or "unknown", "address": address_of(request), **known}


def _note_use(token: ApiToken, request: Request, now: datetime) -> None:
    if token.last_used_at is None:
        tokens.note_first_use(token, request, now)
        return
    stale, address = now - USE_IS_NOTED_EVERY, address_of(request)
    if token.last_used_at is not None and token.last_used_at > stale:
        return
    unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=stale)
    ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now, last_used_from=address or None)


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema describes the tokens."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of `manage.py stripeflow_token create`, or of the admin. It may do "
            "what its owner may, as far as its scopes reach: "
            + ", ".join(f"`{scope.value}`" for scope in Scope)
            + ".",
        }
