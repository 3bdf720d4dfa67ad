from django.db import models
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.models import Event
from stripeflow.triggers.widths import WIDTH


class AwaitedType(models.Model):
    """A type of event that a step of some version waits for.

    Written with the version and never deleted, so that it is there before any of its runs waits. Whether
    anybody waits for an event is asked of events of these types only.
    """

    type = models.CharField(max_length=WIDTH, unique=True)

    class Meta:
        verbose_name = _("type of awaited events")
        verbose_name_plural = _("types of awaited events")
        default_permissions = ()

    def __str__(self) -> str:
        return self.type


class Awaited(models.Model):
    """What one run waits for: a row for each alternative of the step at which it is.

    It is written before the worker looks for events that have come already, and deleted when the run goes on.
    """

    # No index of its own: that of the constraint begins with the run.
    run = models.ForeignKey("Run", on_delete=models.CASCADE, related_name="awaited", db_index=False)
    path = models.CharField(max_length=300)
    lane = models.CharField(max_length=60)
    event_type = models.CharField(max_length=WIDTH)
    livemode = models.BooleanField()
    # "" for our own, by whatever id an event names it.
    account = models.CharField(max_length=WIDTH, blank=True)
    # Of which object the event has to be: a key of `definition.same_object`, and the id. "" for any.
    same_as = models.CharField(max_length=32, blank=True)
    object_id = models.CharField(max_length=WIDTH, blank=True)
    # An event counts if it was created between these two, both included.
    since = models.DateTimeField()
    until = models.DateTimeField()
    # When the events that had come before were looked through; None until that is done.
    looked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("awaited event")
        verbose_name_plural = _("awaited events")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=("run", "path", "lane"), name="stripeflow_awaited_once"),
        ]
        indexes = [
            # Who waits for an event that has come.
            models.Index(
                fields=("event_type", "livemode", "account", "same_as", "object_id"),
                name="stripeflow_awaited_event",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.object_id}".strip()


class AwaitedEvent(models.Model):
    """An event that a run may have waited for. Its worker looks whether the conditions are met."""

    awaited = models.ForeignKey(Awaited, on_delete=models.CASCADE, related_name="events", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("event for a run that waits")
        verbose_name_plural = _("events for runs that wait")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=("awaited", "event"), name="stripeflow_awaited_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.awaited_id} {self.event_id}"
