import uuid
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.models import Event
from stripeflow.workflows import conf
from stripeflow.workflows.states import RunStatus


class HeldReason(models.TextChoices):
    """Why a run is held; a person, or the end of the reason, releases it."""

    PAUSED = "paused", _("The workflow is paused.")
    SWITCH = "switch", _("All workflows are stopped.")
    OBJECT = "object", _("Too many runs for this object within an hour.")
    RESTORED = "restored", _("A backup was restored; a step may be done that nobody can recognise.")
    UNDECIDED = "undecided", _("A condition is unknown, so no branch could be chosen.")
    DEAUTHORIZED = "deauthorized", _("The account has disconnected the application.")
    ACCOUNT_PAUSED = "account_paused", _("The workflow is paused for this account and mode.")
    AWAITS_RELEASE = (
        "awaits_release",
        _(
            "It moves money, destroys something or changes customers, and waits for somebody who may release "
            "it."
        ),
    )


class RunQuerySet(models.QuerySet["Run"]):
    def claimable(self, now: Any, **limits: Any) -> "RunQuerySet":
        """Runs that a worker may take at `now`: queued, due, or left by a worker that lost its lease.

        A lease that ends later than any given now was given before the clock was set back. `limits` are
        those of `claim_limits`; a compiled statement gives slots for them, and for `now`.
        """
        limits = limits or claim_limits(now)
        is_left = _left_alone(now, limits["latest_lease"])
        return self.filter(
            Q(status=RunStatus.QUEUED)
            | Q(status=RunStatus.WAITING, due_at__lte=now)
            | is_left & Q(idle_claims__lt=limits["most_idle_claims"])
        )

    def exhausted(self, now: datetime) -> "RunQuerySet":
        """Runs that were left by one worker after the other, none of which has recorded anything."""
        limits = claim_limits(now)
        is_left = _left_alone(now, limits["latest_lease"])
        return self.filter(is_left, idle_claims__gte=limits["most_idle_claims"])

    def in_work(self) -> "RunQuerySet":
        """Runs that the engine is not done with, by the small index `stripeflow_run_due`.

        In the same literals as the index's condition: SQLite does not see that parameters say the same.
        """
        condition = "stripeflow_workflows_run.status IN ('queued', 'waiting', 'running')"
        return cast(RunQuerySet, self.extra(where=[condition]))  # noqa: S610

    def in_turn(self) -> "RunQuerySet":
        """Runs that wait for a worker, by the index `stripeflow_run_turns`; in its literals, as above."""
        condition = "stripeflow_workflows_run.status IN ('queued', 'waiting')"
        return cast(RunQuerySet, self.extra(where=[condition]))  # noqa: S610

    def in_attention(self) -> "RunQuerySet":
        """Runs that stand still, by the index `stripeflow_run_attention`; in its literals, as above."""
        condition = "stripeflow_workflows_run.status IN ('held', 'outcome_unknown', 'failed', 'canceled')"
        return cast(RunQuerySet, self.extra(where=[condition]))  # noqa: S610

    def unfinished(self) -> "RunQuerySet":
        return self.exclude(status__in=[s for s in RunStatus if s.is_final])


def claim_limits(now: datetime) -> dict[str, Any]:
    """The values, besides `now`, that decide whether a worker may take a run."""
    latest = now + timedelta(seconds=2 * conf.get("LEASE_SECONDS"))
    return {"latest_lease": latest, "most_idle_claims": conf.get("MAX_CLAIMS_WITHOUT_PROGRESS")}


def _left_alone(now: Any, latest_lease: Any) -> Q:
    is_over = Q(lease_expires_at__lt=now) | Q(lease_expires_at__gt=latest_lease)
    return Q(status=RunStatus.RUNNING) & is_over


class Run(models.Model):
    """One execution of a workflow's version for one event."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own: those of the lists begin with the workflow.
    workflow = models.ForeignKey(
        "Workflow",
        on_delete=models.PROTECT,
        related_name="runs",
        verbose_name=_("workflow"),
        db_index=False,
    )
    # Its index is `stripeflow_run_counts`.
    version = models.ForeignKey(
        "WorkflowVersion",
        on_delete=models.PROTECT,
        related_name="runs",
        verbose_name=_("version"),
        db_index=False,
    )
    event = models.ForeignKey(
        "stripeflow_triggers.Event", on_delete=models.PROTECT, related_name="+", verbose_name=_("event")
    )
    # Its index is `stripeflow_run_reruns`.
    rerun_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reruns", db_index=False
    )
    status = models.CharField(_("status"), max_length=16, choices=RunStatus, default=RunStatus.QUEUED)
    # The trigger's object, for search and for links. Its id says nothing without the two columns below.
    object_id = models.CharField(_("object"), max_length=255, blank=True)
    # Two columns of the event, which never change there: limits and turns are by account and mode.
    livemode = models.BooleanField(_("live mode"), default=False)
    account = models.CharField(_("connected account"), max_length=255, blank=True)
    # Why the trigger conditions were met, with the values that they saw.
    explanation = models.JSONField(_("why it started"), null=True, blank=True)
    error = models.JSONField(_("error"), null=True, blank=True)

    # The event that ended it. Its index is `stripeflow_run_canceled_by`.
    canceled_by = models.ForeignKey(
        "stripeflow_triggers.Event",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        editable=False,
    )
    held_reason = models.CharField(_("held because"), max_length=16, choices=HeldReason, blank=True)
    # When a person last released it: what its account said before that holds it no more.
    released_at = models.DateTimeField(null=True, blank=True, editable=False)
    # How many runs, one causing the next by its own call to Stripe, came before this one.
    depth = models.PositiveSmallIntegerField(default=0, editable=False)

    token = models.UUIDField(null=True, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    claims = models.PositiveIntegerField(_("times taken by a worker"), default=0, editable=False)
    # How many of them in a row have recorded nothing: a run that ends its workers is given up.
    idle_claims = models.PositiveIntegerField(default=0, editable=False)
    due_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Since when it waits for a worker; a message that is repeated leaves it as it is.
    queued_at = models.DateTimeField(null=True, blank=True, default=timezone.now, editable=False)

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    pruned_at = models.DateTimeField(
        _("emptied"),
        null=True,
        blank=True,
        help_text=_("When its inputs and outputs were emptied because of their age."),
    )

    # What the engine reads with a run of its account and mode; no columns.
    is_account_paused = False
    is_deauthorized = False
    is_listened_to = False
    is_sent = False

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=("workflow", "event"),
                condition=Q(rerun_of__isnull=True),
                name="stripeflow_run_once_per_event",
            ),
        ]
        indexes = [
            # Used by the sweep: what is due, by status.
            models.Index(
                fields=("status", "due_at"),
                name="stripeflow_run_due",
                condition=Q(status__in=["queued", "waiting", "running"]),
            ),
            # Used by the metrics, and by the lists of what needs a person, newest first.
            models.Index(
                fields=("status", "-created_at"),
                name="stripeflow_run_attention",
                condition=Q(status__in=["held", "outcome_unknown", "failed", "canceled"]),
            ),
            # Used by the history pages and the API, newest first.
            models.Index(fields=("-created_at",), name="stripeflow_run_newest"),
            models.Index(fields=("workflow", "-created_at"), name="stripeflow_run_by_workflow"),
            # Used by the search, and by the limit on runs of one object.
            models.Index(
                fields=("object_id", "livemode", "account", "workflow", "-created_at"),
                name="stripeflow_run_by_object",
            ),
            # Used by the limit on runs a minute, and by the lists of one account.
            models.Index(
                fields=("account", "livemode", "workflow", "-created_at"), name="stripeflow_run_by_account"
            ),
            # Used to take turns by account: see `stripeflow.triggers.turns`.
            models.Index(
                fields=("status", "livemode", "account", "due_at"),
                name="stripeflow_run_turns",
                condition=Q(status__in=["queued", "waiting"]),
            ),
            # Used by the page of a run. Of the few that have one: each other run would be written to it too.
            models.Index(
                fields=("rerun_of",), name="stripeflow_run_reruns", condition=Q(rerun_of__isnull=False)
            ),
            # Which runs an event has ended.
            models.Index(
                fields=("canceled_by",),
                name="stripeflow_run_canceled_by",
                condition=Q(canceled_by__isnull=False),
            ),
            # Used by the counts of a version, which need no more of its runs.
            models.Index(fields=("version", "status", "created_at"), name="stripeflow_run_counts"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def of(cls, event: Event, **columns: Any) -> "Run":
        """A new row for `event`, not saved yet, with the columns that it has from there."""
        whose = {"object_id": event.object_id, "livemode": event.livemode, "account": event.account}
        return cls(event=event, **whose, **columns)

    @property
    def state(self) -> RunStatus:
        return RunStatus(self.status)

    @property
    def revision(self) -> int:
        """Identifies what the run asks a person now, an outcome or a branch: a later question has another.

        Only a person's answer ends a question, and a worker has to claim the run before it asks the next one.
        """
        return self.claims
