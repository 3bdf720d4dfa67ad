"""The inbox: one row for each thing that can start workflows."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """Where an event came from."""

    STRIPE = "stripe", _("Stripe")
    SCHEDULE = "schedule", _("Schedule")
    ON_DEMAND = "on_demand", _("On demand")


class MirrorState(models.TextChoices):
    """How far the copy into dj-stripe's tables has come."""

    OFF = "off", _("Not mirrored")
    PENDING = "pending", _("Pending")
    DONE = "done", _("Mirrored")
    FAILED = "failed", _("Failed")


# A search by an id that no index knows reads the bodies of so many events, and ends soon however many there
# are. The lists' help texts name the number.
SEARCHED = 50_000


class EventQuerySet(models.QuerySet["Event"]):
    """The questions that are asked of the inbox."""

    def unmatched(self) -> "EventQuerySet":
        """Events that no handler has dealt with yet."""
        return self.filter(matched_at__isnull=True)

    def match_due(self, now: datetime) -> "EventQuerySet":
        """Unmatched events whose next attempt is due, the longest waiting first."""
        return self.unmatched().filter(match_due_at__lte=now).order_by("match_due_at", "pk")

    def mirror_pending(self) -> "EventQuerySet":
        """Events that dj-stripe's tables do not hold yet."""
        return self.filter(mirror_state=MirrorState.PENDING)

    def mirror_due(self, now: datetime) -> "EventQuerySet":
        """Pending events whose next attempt is due, the longest waiting first."""
        return self.mirror_pending().filter(mirror_due_at__lte=now).order_by("mirror_due_at", "pk")

    def naming(self, term: str, *, bodies: bool) -> "EventQuerySet":
        """Of the newest `SEARCHED` events those of the account `term`; with `bodies` those that name it."""
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        named = models.Q(account=term)
        if bodies:
            named |= models.Q(raw_body__contains=f'"{term}"')
        return self.filter(named, pk__gt=newest - SEARCHED)


class Event(models.Model):
    """A Stripe event, a schedule's tick or an on-demand call, as it was accepted.

    Only `triggers.inbox` writes here, and `triggers.mirror` the `mirror_…` columns.
    """

    source = models.CharField(_("source"), max_length=16, choices=Source)
    external_id = models.CharField(
        _("event ID"), max_length=255, help_text=_("Stripe's evt_… ID, or the caller's own.")
    )
    type = models.CharField(_("type"), max_length=255)
    created = models.DateTimeField(
        _("created"), help_text=_("When it happened, in whole seconds for Stripe.")
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    livemode = models.BooleanField(_("live mode"), default=False)
    account = models.CharField(_("connected account"), max_length=255, blank=True)
    api_version = models.CharField(_("API version"), max_length=64, blank=True)
    object_type = models.CharField(_("object type"), max_length=255, blank=True)
    object_id = models.CharField(_("object ID"), max_length=255, blank=True)
    request_idempotency_key = models.CharField(
        _("idempotency key of the causing call"), max_length=255, blank=True
    )
    payload = models.JSONField(_("payload"), default=dict)
    raw_body = models.TextField(_("body as received"), blank=True)
    pruned_at = models.DateTimeField(
        _("emptied"), null=True, blank=True, help_text=_("When payload and body were emptied, being old.")
    )
    duplicates = models.PositiveIntegerField(_("further deliveries"), default=0, editable=False)

    matched_at = models.DateTimeField(_("matched"), null=True, blank=True)
    match_due_at = models.DateTimeField(_("next match"), default=timezone.now)
    match_attempts = models.PositiveIntegerField(_("failed matches"), default=0)
    match_error = models.TextField(_("match error"), blank=True)

    mirror_state = models.CharField(_("mirror"), max_length=16, choices=MirrorState, default=MirrorState.OFF)
    mirrored_at = models.DateTimeField(_("mirrored"), null=True, blank=True)
    mirror_due_at = models.DateTimeField(_("next mirror attempt"), default=timezone.now)
    mirror_attempts = models.PositiveIntegerField(_("mirror attempts"), default=0)
    mirror_error = models.TextField(_("mirror error"), blank=True)

    # How many runs its matching started in this process; no column.
    started = 0

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        permissions = [("view_payload", _("Can view the payload of events"))]
        constraints = [
            # What makes accepting idempotent.
            models.UniqueConstraint(fields=["source", "external_id"], name="stripeflow_event_source_id"),
        ]
        indexes = [
            # The admin's filter by type, and replays of one type over a span of time.
            models.Index(fields=["type", "created"], name="stripeflow_event_type"),
            # The admin's search by any Stripe id.
            models.Index(fields=["external_id"], name="stripeflow_event_external"),
            models.Index(fields=["object_id"], name="stripeflow_event_object"),
            # Which of our own calls caused this event.
            models.Index(fields=["request_idempotency_key"], name="stripeflow_event_key"),
            # The admin's list, newest first.
            models.Index(fields=["-received_at"], name="stripeflow_event_received"),
            # The metrics: copies by type, from the few events that have any.
            models.Index(
                fields=["type", "duplicates"],
                condition=models.Q(duplicates__gt=0),
                name="stripeflow_event_copies",
            ),
            # inbox.sweep() and mirror.sweep(), once a second.
            models.Index(
                fields=["match_due_at"],
                condition=models.Q(matched_at__isnull=True),
                name="stripeflow_event_match_due",
            ),
            models.Index(
                fields=["mirror_due_at"],
                condition=models.Q(mirror_state="pending"),
                name="stripeflow_event_mirror_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} ({self.type})"

    @property
    def object(self) -> dict[str, Any]:
        """The object that the event is about (`data.object`), or {}."""
        found = self._data.get("object")
        return found if isinstance(found, dict) else {}

    @property
    def previous_attributes(self) -> dict[str, Any] | None:
        """What the changed fields held before, or None where the event does not say."""
        found = self._data.get("previous_attributes")
        return found if isinstance(found, dict) else None

    @property
    def _data(self) -> dict[str, Any]:
        data = self.payload.get("data") if isinstance(self.payload, dict) else None
        return data if isinstance(data, dict) else {}


class MirrorSlot(models.Model):
    """A place at which one worker of any host mirrors events: see `triggers.mirror_slots`."""

    number = models.PositiveSmallIntegerField(unique=True)
    # Who has it, and until when; both empty while it is free.
    token = models.UUIDField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    # When a worker was last asked to take it.
    rung_at = models.DateTimeField(null=True, blank=True)
    # When a reconciliation last found no free place.
    wanted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mirror slot")
        verbose_name_plural = _("mirror slots")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)
