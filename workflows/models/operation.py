from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.models.audit import Via
from stripeflow.workflows.models.names import name_of


class OperationKind(models.TextChoices):
    CANCEL = "cancel", _("Canceled")
    RETRY = "retry", _("Tried again from the failed step")
    RELEASE = "release", _("Released")
    HAPPENED = "happened", _("Said that the step did happen")
    DID_NOT_HAPPEN = "did_not_happen", _("Said that the step did not happen")
    AGAIN = "again", _("Had the step done again")
    CHOOSE = "choose", _("Chose the branch")
    WAKE = "wake", _("Ended its wait")
    APPROVE = "approve", _("Approved")
    DECLINE = "decline", _("Declined")
    RERUN = "rerun", _("Started again")
    REPLAY = "replay", _("Started by a replay of its event")
    START = "start", _("Started on demand")
    FILL = "fill", _("Started by filling a period")


class RunOperation(models.Model):
    """What a person did to a run, kept with its history."""

    run = models.ForeignKey("Run", on_delete=models.CASCADE, related_name="operations")
    kind = models.CharField(_("what"), max_length=20, choices=OperationKind)
    step = models.CharField(_("step"), max_length=300, blank=True)
    # The key of the branch that was chosen.
    branch = models.CharField(_("branch"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # As the person was called then: kept when the user goes. "" is the command line.
    user_name = models.CharField(_("name"), max_length=150, blank=True, default="", db_default="")
    # Admin, API or command line; "" in records of older versions.
    via = models.CharField(_("by"), max_length=10, choices=Via, blank=True, default="", db_default="")
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("operation on a run")
        verbose_name_plural = _("operations on runs")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.get_kind_display()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.user_name = self.user_name or name_of(self.user)
        super().save(*args, **kwargs)

    @property
    def step_key(self) -> str:
        """The key of the step; `step` is its path."""
        return self.step.rpartition("/")[2]
