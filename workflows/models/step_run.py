from typing import Any, cast

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.models.run import Run
from stripeflow.workflows.states import StepStatus

# As many characters as a path has at most.
MAX_PATH = 300


class LookUp(models.TextChoices):
    """Whether a call without an answer, of which its key can tell nothing more, was looked up, and found."""

    DUE = "due", _("It is looked up whether it happened, before anything is sent again.")
    FOUND = "found", _("Found when it was looked up: it had happened, and was not sent again.")
    NOT_FOUND = "not_found", _("Not found when it was looked up: it was sent again with a new key.")
    UNCLEAR = "unclear", _("It was looked up, and nobody can tell from that whether it happened.")


class StepRunQuerySet(models.QuerySet["StepRun"]):
    def at_waits(self) -> "StepRunQuerySet":
        """Steps at which a run waits for a time, by the small index `stripeflow_step_waits`.

        In the literals of the index's condition: SQLite does not see that parameters say the same.
        """
        # Without the table, whose name differs in a subquery. Joined runs would have such columns as well.
        condition = "status = 'waiting' AND due_at IS NOT NULL"
        return cast(StepRunQuerySet, self.extra(where=[condition]))  # noqa: S610


class StepRun(models.Model):
    """One step of one run: the intent with its rendered inputs, then the outcome.

    `path` is the step's key; inside a loop it carries the key of the item too.
    """

    # No index of its own: that of the constraint begins with the run.
    run = models.ForeignKey("Run", on_delete=models.CASCADE, related_name="steps", db_index=False)
    # Two columns of the run, which never change there: steps are counted without reading their runs.
    version = models.ForeignKey(
        "WorkflowVersion",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
        editable=False,
    )
    run_created_at = models.DateTimeField(editable=False)
    path = models.CharField(_("step"), max_length=MAX_PATH)
    step_key = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=16)
    action = models.CharField(_("action"), max_length=100, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=StepStatus, default=StepStatus.STARTED)
    inputs = models.JSONField(_("inputs"), null=True, blank=True)
    outputs = models.JSONField(_("outputs"), null=True, blank=True)
    # The id of what it made, as the database reads it from the outputs.
    made_id = models.GeneratedField(
        expression=Left(KeyTextTransform("id", "outputs"), 255),
        output_field=models.CharField(max_length=255, null=True),
        db_persist=True,
    )
    error = models.JSONField(_("error"), null=True, blank=True)
    # Whether the run goes on although it failed: with the next step, or with its error branch.
    handled = models.BooleanField(default=False, db_default=False, editable=False)
    branch_key = models.CharField(_("branch taken"), max_length=60, blank=True)
    explanation = models.JSONField(_("why"), null=True, blank=True)

    token = models.UUIDField(null=True, blank=True, editable=False)
    # The next group is opened by a person's retry, or after a look-up; it has its own idempotency key.
    group = models.PositiveIntegerField(_("try of a person"), default=1, editable=False)
    superseded_at = models.DateTimeField(null=True, blank=True, editable=False)
    idempotency_key = models.CharField(_("idempotency key"), max_length=255, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    # How often its worker ended while the step was under way.
    interruptions = models.PositiveSmallIntegerField(default=0, editable=False)
    # Set once an attempt ended without an answer: the effect may exist although no outcome says so.
    may_have_acted = models.BooleanField(default=False, editable=False)
    look_up = models.CharField(_("look-up"), max_length=12, choices=LookUp, blank=True, editable=False)
    # How many look-ups ended without an answer.
    look_ups = models.PositiveSmallIntegerField(default=0, editable=False)
    # Until when a step waits that does so by itself: set once, and earlier only by a person who wakes it.
    due_at = models.DateTimeField(_("waits until"), null=True, blank=True)
    # The event that ended its wait. Its index is `stripeflow_step_woken`.
    woken_by = models.ForeignKey(
        "stripeflow_triggers.Event",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        editable=False,
    )
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = StepRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("step run")
        verbose_name_plural = _("step runs")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("run", "path", "group"), name="stripeflow_step_once_per_group"),
        ]
        indexes = [
            # Used by the counts: all that they need of a version's steps, in the order of the groups.
            models.Index(
                fields=("version", "step_key", "status", "branch_key", "run_created_at"),
                name="stripeflow_step_counts",
                condition=Q(superseded_at__isnull=True),
            ),
            # Which step's call caused an event. Not the field's own, which PostgreSQL doubles for prefixes.
            models.Index(fields=("idempotency_key",), name="stripeflow_step_key"),
            # Used by the search for what a step made; many make nothing.
            models.Index(
                fields=("made_id",), name="stripeflow_step_made", condition=Q(made_id__isnull=False)
            ),
            # How many runs wait at each step, and since when. Other steps are not written to it.
            models.Index(
                fields=("version", "step_key", "started_at"),
                name="stripeflow_step_waits",
                condition=Q(status="waiting", due_at__isnull=False),
            ),
            # Which runs an event has woken. Few steps wait for one.
            models.Index(
                fields=("woken_by",), name="stripeflow_step_woken", condition=Q(woken_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.path

    @classmethod
    def of(cls, run: Run, **columns: Any) -> "StepRun":
        """A new row of `run`, not saved yet, with the columns that it has from there."""
        return cls(run=run, version_id=run.version_id, run_created_at=run.created_at, **columns)

    @property
    def head(self) -> dict[str, Any]:
        """What the definition said of the step, as far as it takes to name it."""
        return {"key": self.step_key, "type": self.kind, "name": self.name, "action": self.action}

    @property
    def state(self) -> StepStatus:
        return StepStatus(self.status)
