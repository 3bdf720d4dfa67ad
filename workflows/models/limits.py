"""Rows that keep workflows from running away: the kill switch, and what was spent on a day."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Switch(models.Model):
    """The kill switch of the whole installation: one row, with `stopped_at` while everything stands still."""

    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("kill switch")
        verbose_name_plural = _("kill switch")
        permissions = [("use_switch", _("Can stop all workflows, and start them again"))]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(_("Stopped") if self.stopped_at else _("Running"))


class Spending(models.Model):
    """What was given back on one day in one currency, within one scope: see `limits.spending`."""

    scope = models.CharField(max_length=40)
    day = models.DateField()
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField(default=0, help_text=_("Minor units."))

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=("scope", "day", "currency"), name="stripeflow_spending_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.currency} {self.amount}"


class Reservation(models.Model):
    """The share of one call in the spending of its day, taken before the call. One for each key."""

    key = models.CharField(max_length=255, unique=True)
    workflow = models.ForeignKey("Workflow", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
