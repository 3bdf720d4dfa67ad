from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# Clocks of several machines differ. One that is further ahead was wrong.
AHEAD = timedelta(minutes=1)


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def due(self, now: datetime) -> "ScheduleQuerySet":
        """Those that have to be looked at, the longest waiting first; with those that were `looked_ahead`."""
        ahead = Q(looked_at__gt=now + AHEAD, workflow__active_version=F("version"))
        return self.filter(Q(look_at__lte=now) | ahead).order_by("look_at")

    def silent(self, now: datetime) -> "ScheduleQuerySet":
        """Those of which two times have passed, and nothing came about. Paused ones are so on purpose."""
        return self.filter(silent_from__lt=now, workflow__paused_at__isnull=True)


class Schedule(models.Model):
    """Up to when the schedule of an active workflow is done. Only guarded updates: see `worker.ticking`.

    The row stays when the workflow is deactivated, with `look_at` empty.
    """

    workflow = models.OneToOneField(
        "Workflow", verbose_name=_("workflow"), on_delete=models.CASCADE, related_name="schedule"
    )
    version = models.ForeignKey("WorkflowVersion", on_delete=models.CASCADE, related_name="+")
    # The settings by which `count` counts; other ones begin at 0.
    fingerprint = models.CharField(max_length=64)
    # The first time that is not done yet; empty if there is none.
    next_at = models.DateTimeField(_("next time"), null=True, blank=True)
    # When a worker looks at it; and while one does, when another one takes over.
    look_at = models.DateTimeField(null=True, blank=True)
    # When a worker looked last, by its own clock; empty in rows of older versions.
    looked_at = models.DateTimeField(null=True, blank=True)
    # The moment as of which the worker decides that looks at it. Who takes over decides as of the same one,
    # if anything has come of it.
    claimed_at = models.DateTimeField(null=True, blank=True)
    # A time that waits for a run to end.
    queued_for = models.DateTimeField(_("waits for a run to end"), null=True, blank=True)
    last_at = models.DateTimeField(_("last time"), null=True, blank=True)
    count = models.PositiveIntegerField(_("how many times"), default=0)
    # Once this has passed, too long nothing came about.
    silent_from = models.DateTimeField(null=True, blank=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        default_permissions = ()
        indexes = [
            # Used by the sweep.
            models.Index(
                fields=("look_at",),
                name="stripeflow_schedule_due",
                condition=models.Q(look_at__isnull=False),
            ),
            # The same, for those that a clock which was ahead has put off.
            models.Index(fields=("looked_at",), name="stripeflow_schedule_looked"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow_id} {self.next_at}"

    def looked_ahead(self, now: datetime) -> bool:
        """Whether it was looked at later than now, by a clock that was ahead or has been set back."""
        return self.looked_at is not None and self.looked_at > now + AHEAD


class LeftOutReason(models.TextChoices):
    """Why a time of a schedule started nothing."""

    MISSED = "missed", _("No worker was running at that time.")
    OVERLAP = "overlap", _("A run of the workflow had not ended yet.")
    PAUSED = "paused", _("The workflow was paused.")
    STOPPED = "stopped", _("The kill switch was on.")
    ACCOUNT = "account", _("The workflow was paused for its account, or the account was disconnected.")
    CLOCK = "clock", _("The clock of a worker was ahead, so these times counted as passed.")


class LeftOutTime(models.Model):
    """One or several times of a schedule that started nothing, one after the other, for the same reason."""

    workflow = models.ForeignKey(
        "Workflow", verbose_name=_("workflow"), on_delete=models.CASCADE, related_name="left_out_times"
    )
    reason = models.CharField(_("reason"), max_length=8, choices=LeftOutReason)
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    count = models.PositiveIntegerField(_("how many"))
    # There were more than were counted.
    more = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("left out time")
        verbose_name_plural = _("left out times")
        ordering = ("-last_at", "-pk")
        default_permissions = ()
        indexes = [
            # Used by the workflow's page, newest first.
            models.Index(fields=("workflow", "-last_at"), name="stripeflow_left_out"),
        ]

    def __str__(self) -> str:
        return f"{self.first_at:%Y-%m-%d %H:%M} {self.reason}"
