import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, is_password_usable
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.models.token_scope import Scope, joined, parse

PREFIX = "sflow_"


class TokenState(models.TextChoices):
    """Whether a token works, and why not."""

    VALID = "valid", _("Valid")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")
    OWNER_GONE = "owner_gone", _("Owner is not active staff")
    PASSWORD_CHANGED = "password_changed", _("Owner's password was changed")


class ApiToken(models.Model):
    """A bearer token of the REST API. Only its SHA-256 is kept; the token is shown once.

    The token has 256 random bits, so a plain hash is enough: there is nothing to guess.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("What the token is for."))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("starts with"), max_length=16, editable=False)
    # Of `token_scope.Scope`, with spaces between them. A token without any may do nothing.
    scopes = models.CharField(_("scopes"), max_length=200, blank=True, default="", db_default="")
    # Of the owner's password as it was when the token was made.
    password_digest = models.CharField(max_length=64, default="", db_default="", editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    last_used_from = models.GenericIPAddressField(_("last used from"), null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @staticmethod
    def digest_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @property
    def scope_names(self) -> str:
        """The scopes for people, with commas between them."""
        return self.scopes.replace(" ", ", ")

    @property
    def granted(self) -> frozenset[Scope]:
        """The scopes of the token."""
        return parse(self.scopes)

    @granted.setter
    def granted(self, scopes: Iterable[str]) -> None:
        self.scopes = joined(scopes)

    def issue(self) -> str:
        """Give this unsaved row a fresh token, and return the token; it cannot be read again."""
        token = PREFIX + secrets.token_urlsafe(32)
        self.digest = self.digest_of(token)
        self.hint = hint_of(token)
        self.password_digest = password_digest(self.user.password)
        return token

    def state(self, now: datetime | None = None) -> TokenState:
        """Whether the token works at `now`, and the first reason why not. Reads its user."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        if self.expires_at is not None and self.expires_at <= (now or timezone.now()):
            return TokenState.EXPIRED
        if not (self.user.is_active and getattr(self.user, "is_staff", False)):
            return TokenState.OWNER_GONE
        if self.password_digest != password_digest(self.user.password):
            return TokenState.PASSWORD_CHANGED
        return TokenState.VALID


def hint_of(token: str) -> str:
    """The start of a token, by which people know it; "" for what is none of ours."""
    return token[: len(PREFIX) + 4] if token.startswith(PREFIX) else ""


def password_digest(encoded: str) -> str:
    """A digest of a password as the users' table has it, which is a salted hash already.

    Who has no password, and logs in elsewhere, has none to change.
    """
    usable = encoded if is_password_usable(encoded) else UNUSABLE_PASSWORD_PREFIX
    return hashlib.sha256(usable.encode()).hexdigest()
