from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.connections import auths, kinds
from stripeflow.actions.named_secrets import NAME_LENGTH
from stripeflow.workflows.models.secret import person, validate_name


class Connection(models.Model):
    """Another service that steps call: they name it, and it says the host and how the caller is known.

    `secret` is the name of a `Secret`, and `settings` are those of the authentication. Code that
    makes a call asks `stripeflow.workflows.credentials.connections`.
    """

    name = models.CharField(_("name"), max_length=NAME_LENGTH, unique=True, validators=[validate_name])
    title = models.CharField(_("title"), max_length=100, help_text=_("What people call it."))
    kind = models.CharField(_("kind"), max_length=40, default=kinds.HTTP)
    address = models.CharField(
        _("address"),
        max_length=255,
        help_text=_("Scheme and host alone, such as https://api.example.com. A step adds the path."),
    )
    auth = models.CharField(_("authentication"), max_length=40, default="none")
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    secret = models.CharField(_("secret"), max_length=NAME_LENGTH, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = person(_("created by"))
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True, editable=False)
    changed_by = person(_("changed by"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering = ("name",)
        permissions = [("use_connection", _("Can publish workflows that use connections"))]

    def __str__(self) -> str:
        return self.title or self.name

    @property
    def kind_label(self) -> str:
        """What its kind is called; its key if it is not installed."""
        found = kinds.find(self.kind)
        return str(found.label) if found else self.kind

    @property
    def auth_label(self) -> str:
        """Its authentication; its key if that is not installed."""
        found = auths.find(self.auth)
        return str(found.label) if found else self.auth

    @property
    def facts(self) -> dict[str, Any]:
        """What the audit log keeps of it: no secret is in it."""
        settings = [f"{name}: {value}" for name, value in sorted(self.settings.items())]
        return {
            "name": self.name,
            "title": self.title,
            "connection_kind": self.kind,
            "url": self.address,
            "auth": self.auth,
            "settings": settings,
            "secret": self.secret,
        }
