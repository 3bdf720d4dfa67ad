"""Rows of this app: calls to Stripe in the current second, and what limits messages to customers."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CallBudget(models.Model):
    """The calls of one second under one limit, shared by all workers. One row for each limit."""

    key = models.CharField(max_length=255, unique=True)
    # The second that `used` counts, in Unix time.
    second = models.BigIntegerField(default=0)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key


class MessageType(models.TextChoices):
    """What a message to a customer is for: whether it can be unsubscribed from, and which reasons stop it."""

    TRANSACTIONAL = "transactional", _("Transactional: about what the customer has bought")
    MARKETING = "marketing", _("Marketing or reminder: with a link to unsubscribe")


class Reason(models.TextChoices):
    """Why an address gets nothing. A person may unsubscribe from reminders and still want receipts."""

    UNSUBSCRIBE = "unsubscribe", _("Unsubscribed")
    BOUNCE = "bounce", _("Bounced")
    COMPLAINT = "complaint", _("Complained about spam")
    MANUAL = "manual", _("Added by a person")

    def stops(self, message_type: str) -> bool:
        """Whether it stops a message of this type. A type that nobody knows is stopped by each."""
        return self is not Reason.UNSUBSCRIBE or message_type != MessageType.TRANSACTIONAL


class Suppression(models.Model):
    """An address that gets no e-mail from workflows, for one reason. It counts for all accounts and modes.

    `address` is normalized: see `customer_mail.addresses`.
    """

    address = models.CharField(_("e-mail address"), max_length=254)
    reason = models.CharField(_("reason"), max_length=11, choices=Reason)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        default_permissions = ("view", "add", "delete")
        constraints = [
            models.UniqueConstraint(fields=("address", "reason"), name="stripeflow_suppressed_once"),
        ]
        indexes = [
            # The list, newest first.
            models.Index(fields=("-created_at", "-id"), name="stripeflow_suppressed_new"),
        ]

    def __str__(self) -> str:
        return self.address


class RecentMail(models.Model):
    """When a message of one purpose last went to an address: see `customer_mail.once`.

    `digest` is that of the address, and `owner` that of the step which took it. Without `sent_at` nobody
    knows yet whether it was sent.
    """

    purpose = models.CharField(max_length=200)
    livemode = models.BooleanField()
    account = models.CharField(max_length=255, blank=True)
    digest = models.CharField(max_length=64)
    owner = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=("purpose", "livemode", "account", "digest"), name="stripeflow_mailed_once"
            ),
        ]
        indexes = [
            # Used to delete what is old.
            models.Index(fields=("taken_at",), name="stripeflow_mailed_age"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.taken_at:%Y-%m-%d %H:%M:%S}"


class MailCount(models.Model):
    """How many messages to customers have places on one day (UTC), in one mode: see `customer_mail.daily`."""

    day = models.DateField()
    livemode = models.BooleanField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=("day", "livemode"), name="stripeflow_mail_count_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.used}"
