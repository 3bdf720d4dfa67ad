from collections.abc import Sized
from typing import Any

from django.conf import settings
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.named_secrets import NAME_LENGTH, NAME_PATTERN
from stripeflow.triggers.known_secrets import SHORTEST, core

validate_name = RegexValidator(
    rf"^{NAME_PATTERN}\Z",
    _("A name is at most 60 lower-case letters, digits, “-” and “_”, and begins with a letter or a digit."),
)


class _Recognised(MinLengthValidator):
    """Refuses a value that redaction could not recognise in a text, and so would not hide."""

    message = _(
        "A secret has at least %(limit_value)d characters, without blanks and quotes around it. A shorter "
        "one would not be recognised and hidden in outputs and errors."
    )

    def clean(self, x: Sized) -> int:
        return len(core(str(x)))


validate_value = _Recognised(SHORTEST)


def person(called: Any) -> models.ForeignKey:
    """A column for who did something; empty once the person has left."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=called,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )


class Secret(models.Model):
    """A value that steps name and nobody reads back; its one place.

    `value` is encrypted: see `stripeflow.triggers.encryption`. Code that needs the text calls
    `stripeflow.workflows.credentials.named_secrets`.
    """

    name = models.CharField(_("name"), max_length=NAME_LENGTH, unique=True, validators=[validate_name])
    description = models.CharField(_("description"), max_length=200, blank=True)
    value = models.TextField(editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = person(_("created by"))
    changed_at = models.DateTimeField(_("value changed at"), null=True, blank=True, editable=False)
    changed_by = person(_("value changed by"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("secret")
        verbose_name_plural = _("secrets")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
