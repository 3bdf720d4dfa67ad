"""Webhooks out: where events of runs are sent, what is sent, and how that went."""

from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.models.names import name_of
from stripeflow.workflows.models.workflow import Workflow
from stripeflow.workflows.states import DeliveryStatus

MAX_TITLE = 200
MAX_URL = 500


class DisabledBecause(models.TextChoices):
    """Why nothing is sent to a destination any more; a person enables it again."""

    PERSON = "person", _("Somebody has disabled it.")
    GONE = "gone", _("It answered with 410 Gone.")
    FAILING = "failing", _("Nothing could be delivered for days.")


class EventDestinationQuerySet(models.QuerySet["EventDestination"]):
    def enabled(self) -> "EventDestinationQuerySet":
        """Those to which events are sent. Asked with each run that a worker takes, of a small table."""
        return self.filter(disabled_at__isnull=True)


class EventDestination(models.Model):
    """An address to which events of runs are posted, by the Standard Webhooks specification.

    Not dj-stripe's `WebhookEndpoint`, at which Stripe's events arrive.
    """

    title = models.CharField(_("title"), max_length=MAX_TITLE, unique=True)
    url = models.URLField(_("address"), max_length=MAX_URL)
    all_workflows = models.BooleanField(
        _("all workflows"), default=True, help_text=_("Those that are made later, too.")
    )
    workflows = models.ManyToManyField(
        Workflow,
        verbose_name=_("workflows"),
        blank=True,
        related_name="+",
    )
    # None: both modes.
    livemode = models.BooleanField(_("mode"), null=True, blank=True)

    # Events of runs that began before are not sent.
    enabled_at = models.DateTimeField(editable=False)
    disabled_at = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_because = models.CharField(max_length=16, choices=DisabledBecause, blank=True, editable=False)
    # The first failure since something was last delivered.
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    # Asked for by the destination itself (Retry-After): nothing is sent before.
    resume_at = models.DateTimeField(null=True, blank=True, editable=False)
    # People are to be told that it was disabled automatically.
    alert_pending = models.BooleanField(default=False, editable=False)

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
    author_name = models.CharField(_("created by"), max_length=150, blank=True, editable=False)

    objects = EventDestinationQuerySet.as_manager()

    class Meta:
        verbose_name = _("event destination")
        verbose_name_plural = _("event destinations")
        ordering = ("title", "id")

    def __str__(self) -> str:
        return self.title

    def save(self, *args: object, **kwargs: object) -> None:
        self.author_name = self.author_name or name_of(self.created_by)
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # whatever Django's own takes

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None


class EventSubscription(models.Model):
    """One type of events that a destination wants."""

    destination = models.ForeignKey(EventDestination, on_delete=models.CASCADE, related_name="subscriptions")
    type = models.CharField(max_length=60)

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("destination", "type"), name="stripeflow_subscription_unique"),
        ]

    def __str__(self) -> str:
        return self.type


class DestinationSecretQuerySet(models.QuerySet["DestinationSecret"]):
    def valid(self, now: datetime) -> "DestinationSecretQuerySet":
        """Those that sign at `now`, the newest first."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now)).order_by("-pk")


class DestinationSecret(models.Model):
    """A secret that signs what is sent to a destination. A former one signs too, until it expires.

    `value` is encrypted: see `stripeflow.triggers.encryption`.
    """

    destination = models.ForeignKey(EventDestination, on_delete=models.CASCADE, related_name="secrets")
    value = models.TextField(editable=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = DestinationSecretQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class OutgoingEvent(models.Model):
    """What happened to a run, as it is sent. Its `id` follows from that, so it is written once.

    `body` is the exact text that is sent, the same with each attempt and to each destination.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    type = models.CharField(max_length=60)
    run = models.ForeignKey(
        "Run", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    occurred_at = models.DateTimeField()
    body = models.TextField()

    class Meta:
        default_permissions = ()
        indexes = [
            # Used by the retention.
            models.Index(fields=("occurred_at",), name="stripeflow_outgoing_oldest"),
        ]

    def __str__(self) -> str:
        return self.type

    @property
    def message_id(self) -> str:
        """The header `webhook-id`: the same with each attempt."""
        return message_id(self.pk)


def message_id(pk: UUID) -> str:
    """How the event of this key is called outside."""
    return f"msg_{pk.hex}"


class EventDeliveryQuerySet(models.QuerySet["EventDelivery"]):
    """Questions that the small index `stripeflow_delivery_due` answers."""

    def due(self, now: datetime) -> "EventDeliveryQuerySet":
        """What may be sent at `now`, or was left by a process that ended while it sent it."""
        return self.open().filter(next_at__lte=now)

    def under_way(self, now: datetime) -> "EventDeliveryQuerySet":
        """What a process is sending at `now`."""
        return self.open().filter(next_at__gt=now, status=DeliveryStatus.SENDING)

    def open(self) -> "EventDeliveryQuerySet":
        """What is not done."""
        return self.filter(next_at__isnull=False)


class EventDelivery(models.Model):
    """One event for one destination: sent until the destination has it, or until it is given up."""

    event = models.ForeignKey(OutgoingEvent, on_delete=models.CASCADE, related_name="deliveries")
    # Its index is `stripeflow_delivery_newest`.
    destination = models.ForeignKey(
        EventDestination,
        verbose_name=_("event destination"),
        on_delete=models.CASCADE,
        related_name="deliveries",
        db_index=False,
    )
    status = models.CharField(
        _("status"), max_length=16, choices=DeliveryStatus, default=DeliveryStatus.PENDING
    )
    # Since it was made, or since a person had it sent again.
    attempts = models.PositiveSmallIntegerField(default=0)
    # From when on a process may take it: while one sends it, the end of its lease. Null once it is done.
    next_at = models.DateTimeField(null=True, blank=True)
    # Of the process that sends it, or did so last.
    token = models.UUIDField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"))
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = EventDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ()
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("event", "destination"), name="stripeflow_delivery_once"),
        ]
        indexes = [
            # Used by the sweep, and by what chooses what is sent next.
            models.Index(
                fields=("destination", "next_at"),
                name="stripeflow_delivery_due",
                condition=Q(next_at__isnull=False),
            ),
            # Used by the lists.
            models.Index(fields=("destination", "-id"), name="stripeflow_delivery_newest"),
            models.Index(fields=("status", "-id"), name="stripeflow_delivery_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.status}"

    @property
    def state(self) -> DeliveryStatus:
        return DeliveryStatus(self.status)


class DeliveryAttempt(models.Model):
    """One try: written before the call, and completed after it. What the destination answered is not kept."""

    delivery = models.ForeignKey(EventDelivery, on_delete=models.CASCADE, related_name="tries")
    started_at = models.DateTimeField()
    # Null while it is under way, and where its process ended before the answer.
    finished_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.status_code or self.error)
