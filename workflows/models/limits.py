"""Rows that keep workflows from running away: the kill switch, and what was refunded on a day."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.account_mode import EVERY_ACCOUNT, AccountMode

if TYPE_CHECKING:
    from stripeflow.workflows.models.run import Run


class Switch(models.Model):
    """The kill switch of the whole installation: one row, with `stopped_at` while everything stands still."""

    # Its only key.
    ROW = 1

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
    # As the person was called then: kept when the user goes. "" is the command line.
    user_name = models.CharField(_("name"), max_length=150, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("kill switch")
        verbose_name_plural = _("kill switch")
        permissions = [("use_switch", _("Can stop all workflows, and start them again"))]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(_("Stopped") if self.stopped_at else _("Running"))


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class DeauthorizationQuerySet(models.QuerySet["Deauthorization"]):
    def holding(self) -> "DeauthorizationQuerySet":
        """For a subquery of runs: what holds one, unless a person has released it since."""
        released_at = Coalesce(OuterRef("released_at"), Value(_NEVER), output_field=models.DateTimeField())
        return self.filter(
            livemode=OuterRef("livemode"), account=OuterRef("account"), deauthorized_at__gt=released_at
        )


class Deauthorization(models.Model):
    """Whether an account has disconnected the application, in one mode: see `limits.deauthorized`.

    `told_at` is when the newest event that says so was created; an older one that comes late says nothing.
    """

    livemode = models.BooleanField(_("live mode"))
    account = models.CharField(_("connected account"), max_length=255)
    told_at = models.DateTimeField(_("as of"))
    # Empty once the account is connected again.
    deauthorized_at = models.DateTimeField(_("disconnected at"), null=True, blank=True)
    # When the runs that waited then were held; until that is done, empty.
    held_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DeauthorizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("disconnected account")
        verbose_name_plural = _("disconnected accounts")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=("livemode", "account"), name="stripeflow_deauthorization_unique"),
        ]

    def __str__(self) -> str:
        return self.account


class AccountPauseQuerySet(models.QuerySet["AccountPause"]):
    def of(self, run: "Run") -> "AccountPauseQuerySet":
        """What holds this run."""
        return self.of_side(run.workflow_id, AccountMode.of(run))

    def of_side(self, workflow_id: int, side: AccountMode) -> "AccountPauseQuerySet":
        """What holds the workflow's runs for this account and mode."""
        accounts = [side.account, EVERY_ACCOUNT]
        return self.filter(workflow=workflow_id, livemode=side.livemode, account__in=accounts)

    def holding(self) -> "AccountPauseQuerySet":
        """For a subquery of runs: what holds one."""
        return self.filter(
            workflow=OuterRef("workflow"),
            livemode=OuterRef("livemode"),
            account__in=[OuterRef("account"), EVERY_ACCOUNT],
        )


class PauseCause(models.TextChoices):
    """What paused a workflow for an account by itself."""

    REFUSED = "refused", _("Stripe refused the key.")
    NO_KEY = "no_key", _("There is no Stripe API key for this mode.")
    FLOOD = "flood", _("Too many runs started within a minute.")


class AccountPause(models.Model):
    """One workflow is paused for one account and mode, or for all accounts of one mode."""

    workflow = models.ForeignKey("Workflow", on_delete=models.CASCADE, related_name="account_pauses")
    livemode = models.BooleanField(_("live mode"))
    # "" is the own account.
    account = models.CharField(_("connected account"), max_length=255, blank=True)
    cause = models.CharField(_("cause"), max_length=8, choices=PauseCause)
    paused_at = models.DateTimeField(_("paused at"))
    reason = models.CharField(_("reason of the pause"), max_length=500, blank=True)

    objects = AccountPauseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=("workflow", "livemode", "account"), name="stripeflow_account_pause_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{AccountMode.of(self).label}: {self.reason}"


class Spending(models.Model):
    """What moved on one day in one currency, within one scope: see `limits.spending`."""

    scope = models.CharField(max_length=40)
    livemode = models.BooleanField()
    # `EVERY_ACCOUNT` for what all of them may move together.
    account = models.CharField(max_length=255, blank=True)
    # The Stripe customer, in the scopes that count each of them; else "".
    customer = models.CharField(max_length=255, blank=True, default="", db_default="")
    day = models.DateField()
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField(default=0, help_text=_("Minor units."))

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=("scope", "livemode", "account", "customer", "day", "currency"),
                name="stripeflow_spending_unique",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="stripeflow_spending_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.currency} {self.amount}"


class Reservation(models.Model):
    """The share of one call in the spending of its day, taken before the call. One for each key."""

    key = models.CharField(max_length=255, unique=True)
    workflow = models.ForeignKey("Workflow", on_delete=models.CASCADE, related_name="+")
    livemode = models.BooleanField()
    account = models.CharField(max_length=255, blank=True)
    # The Stripe customer whose count it is part of; "" if it is part of none.
    customer = models.CharField(max_length=255, blank=True, default="", db_default="")
    day = models.DateField()
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=1), name="stripeflow_reservation_positive"),
        ]

    def __str__(self) -> str:
        return self.key
