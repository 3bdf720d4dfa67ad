"""The inbox: one row for each thing that can start workflows."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers import payloads
from stripeflow.triggers.widths import SOURCE_WIDTH, WIDTH, fitted


class Source(models.TextChoices):
    """Where an event came from."""

    STRIPE = "stripe", _("Stripe")
    SCHEDULE = "schedule", _("Schedule")
    ON_DEMAND = "on_demand", _("On demand")
    WORKFLOW = "workflow", _("A workflow finished")


class MirrorState(models.TextChoices):
    """How far the copy into dj-stripe's tables has come."""

    OFF = "off", _("Not mirrored")
    PENDING = "pending", _("Pending")
    DONE = "done", _("Mirrored")
    LEFT = "left", _("Left alone")
    FAILED = "failed", _("Failed")


class FetchState(models.TextChoices):
    """Whether the event still has to be fetched from Stripe, as each thin event of API v2."""

    NONE = "none", _("Came whole")
    PENDING = "pending", _("To be fetched")
    DONE = "done", _("Fetched")
    FAILED = "failed", _("Failed")


# Digits of a row's id; a longer number does not fit a database.
_OUR_ID = re.compile("[0-9]{1,18}")
# What makes two deliveries one event.
IDENTITY = ("source", "external_id", "account", "livemode", "body_digest")
# The wide columns, in the order of the model; `Event.payload` needs both.
BODY = ("stored_payload", "raw_body")

# A search for an id that no index has reads the bodies of this many events, so that it ends soon. The lists'
# help texts name the number.
SEARCHED = 50_000


class EventQuerySet(models.QuerySet["Event"]):
    """The questions that are asked of the inbox."""

    def unmatched(self) -> "EventQuerySet":
        """Events that no handler has handled yet, without those whose fetch failed for good."""
        return self.filter(matched_at__isnull=True).exclude(fetch_state=FetchState.FAILED)

    def matchable(self) -> "EventQuerySet":
        """Unmatched events that are complete, so fetched if they were thin."""
        return self.filter(matched_at__isnull=True).whole()

    def whole(self) -> "EventQuerySet":
        """Events that need not be fetched, or have been."""
        return self.filter(fetch_state__in=(FetchState.NONE, FetchState.DONE))

    def fetch_pending(self) -> "EventQuerySet":
        """Events that have to be fetched before they can be matched."""
        return self.filter(matched_at__isnull=True, fetch_state=FetchState.PENDING)

    def fetch_due(self, now: datetime) -> "EventQuerySet":
        """Events whose next fetch is due, the longest waiting first. They use the columns of matching."""
        return self.fetch_pending().filter(match_due_at__lte=now).order_by("match_due_at", "pk")

    def called(self, *references: str) -> "EventQuerySet":
        """The events with these references, the newest first. Several events may have one Stripe id."""
        ours = [int(one) for one in references if _OUR_ID.fullmatch(one)]
        stripes = [fitted(one) for one in references if "\x00" not in one]
        named = models.Q(external_id__in=stripes, source=Source.STRIPE)
        named = named | models.Q(pk__in=ours) if ours else named
        return self.filter(named).order_by("-pk")

    def same_as(self, event: "Event") -> "EventQuerySet":
        """The row that the unique constraint counts as the same event, if there is one."""
        return self.filter(**{name: getattr(event, name) for name in IDENTITY})

    def of_topics(self, source: str, topics: Iterable[str]) -> "EventQuerySet":
        """Those of a source with one of these types; uses the index on `type`."""
        return self.filter(source=source, type__in=topics)

    def without_body(self) -> "EventQuerySet":
        """Without the wide columns: `payload` would be read of each event by itself."""
        return self.defer(*BODY)

    def wakes_due(self) -> "EventQuerySet":
        """Events of which nobody has looked yet which runs wait for them, the oldest first."""
        return self.filter(wakes_pending=True).order_by("pk")

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

    Only `inbox` and `storing` write here, and `stripeflow.triggers.mirror` the `mirror_…` columns.
    """

    source = models.CharField(_("source"), max_length=SOURCE_WIDTH, choices=Source)
    external_id = models.CharField(
        _("event ID"), max_length=WIDTH, help_text=_("Stripe's evt_… ID, or the caller's own.")
    )
    body_digest = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("Tells events of one ID apart where Stripe gives the same one to several; else empty."),
    )
    type = models.CharField(_("type"), max_length=WIDTH)
    created = models.DateTimeField(
        _("created"), help_text=_("When it happened, in whole seconds for Stripe.")
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    livemode = models.BooleanField(_("live mode"), default=False)
    account = models.CharField(_("connected account"), max_length=WIDTH, blank=True)
    api_version = models.CharField(_("API version"), max_length=WIDTH, blank=True)
    object_type = models.CharField(_("object type"), max_length=WIDTH, blank=True)
    object_id = models.CharField(_("object ID"), max_length=WIDTH, blank=True)
    request_idempotency_key = models.CharField(
        _("idempotency key of the causing call"), max_length=WIDTH, blank=True
    )
    # Only what the text does not say: a thin event after its fetch, and rows of older versions. Else {}.
    stored_payload = models.JSONField(_("payload"), default=dict)
    # Exactly what was signed; of an event that came without a text, its payload.
    raw_body = models.TextField(_("body as received"), blank=True)
    pruned_at = models.DateTimeField(
        _("emptied"),
        null=True,
        blank=True,
        help_text=_("When payload and body were emptied because of their age."),
    )
    duplicates = models.PositiveIntegerField(_("further deliveries"), default=0, editable=False)

    fetch_state = models.CharField(
        _("fetch"),
        max_length=16,
        choices=FetchState,
        default=FetchState.NONE,
        help_text=_(
            "A thin event is fetched before it is matched; attempts and error are those of matching."
        ),
    )
    matched_at = models.DateTimeField(_("matched"), null=True, blank=True)
    match_due_at = models.DateTimeField(_("next match"), default=timezone.now)
    match_attempts = models.PositiveIntegerField(_("failed matches"), default=0)
    match_error = models.TextField(_("match error"), blank=True)

    # Set with the match where runs may wait for such an event, until they are told.
    wakes_pending = models.BooleanField(default=False, db_default=False, editable=False)

    mirror_state = models.CharField(_("mirror"), max_length=16, choices=MirrorState, default=MirrorState.OFF)
    mirrored_at = models.DateTimeField(_("mirrored"), null=True, blank=True)
    mirror_due_at = models.DateTimeField(_("next mirror attempt"), default=timezone.now)
    mirror_attempts = models.PositiveIntegerField(_("mirror attempts"), default=0)
    mirror_error = models.TextField(_("mirror error"), blank=True)

    # What `payload` has read; no column.
    _payload: dict[str, Any] | None = None

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        permissions = [("view_payload", _("Can view the payload of events"))]
        constraints = [
            # What makes accepting idempotent.
            models.UniqueConstraint(fields=IDENTITY, name="stripeflow_event_identity"),
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
            # Used by inbox.sweep() and mirror.sweep(), once a second.
            models.Index(
                fields=["match_due_at"],
                condition=models.Q(matched_at__isnull=True),
                name="stripeflow_event_match_due",
            ),
            # The same, to take turns by account.
            models.Index(
                fields=["livemode", "account", "match_due_at"],
                condition=models.Q(matched_at__isnull=True),
                name="stripeflow_event_match_turns",
            ),
            # Used by the sweep, once a second.
            models.Index(
                fields=["id"], condition=models.Q(wakes_pending=True), name="stripeflow_event_wakes"
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
    def payload(self) -> dict[str, Any]:
        """The event as workflows see it: what is stored beside its text, else what the text says."""
        if self._payload is None:
            if missing := self.get_deferred_fields().intersection(BODY):
                self.refresh_from_db(fields=missing)
            self._payload = self.stored_payload or payloads.read(
                self.raw_body, of_stripe=self.source == Source.STRIPE
            )
        return self._payload

    @payload.setter
    def payload(self, payload: dict[str, Any]) -> None:
        """Store it beside the text."""
        self.stored_payload = self._payload = payload

    def knows(self, payload: dict[str, Any]) -> Self:
        """This event, whose text says just that, so that it need not be read again."""
        self._payload = payload
        return self

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self._payload = None
        super().refresh_from_db(*args, **kwargs)

    @property
    def reference(self) -> str:
        """The id of this event in addresses: Stripe's, or ours if that is missing or not unique."""
        is_named = self.source == Source.STRIPE and not self.body_digest
        return self.external_id if is_named else str(self.pk)

    @property
    def is_whole(self) -> bool:
        """Whether the event has its object; a thin one has it once it is fetched."""
        return self.fetch_state in (FetchState.NONE, FetchState.DONE)

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
        data = self.payload.get("data")
        return data if isinstance(data, dict) else {}


class MirrorSlot(models.Model):
    """A place at which one worker of any host mirrors events: see `stripeflow.triggers.mirror_slots`."""

    number = models.PositiveSmallIntegerField(unique=True)
    # Which worker has it, and until when; both empty while it is free.
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
