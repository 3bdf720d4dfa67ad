from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.models.names import name_of

MAX_NAME = 200
MAX_DESCRIPTION = 500


class SavedTemplate(models.Model):
    """A workflow of this installation as a template, with nothing in it that names somebody.

    `document` is its definition without name and description. `parameters` are asked for when it is used:
    each {name, label, kind, places}, where a place is the key of a step and the name of an input.
    `left_empty` are the titles of what has to be filled in afterwards.
    """

    name = models.CharField(_("name"), max_length=MAX_NAME, unique=True)
    description = models.CharField(
        _("description"), max_length=MAX_DESCRIPTION, blank=True, help_text=_("What it does, and what for.")
    )
    goal = models.CharField(
        _("goal"), max_length=40, help_text=_("The group of the gallery that it is shown in.")
    )
    document = models.JSONField(_("definition"), editable=False)
    parameters = models.JSONField(default=list, editable=False)
    left_empty = models.JSONField(default=list, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # As that person was called then: kept when the user goes.
    author_name = models.CharField(_("created by"), max_length=150, blank=True, editable=False)

    class Meta:
        verbose_name = _("saved template")
        verbose_name_plural = _("saved templates")
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.author_name = self.author_name or name_of(self.created_by)
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # whatever Django's own takes
