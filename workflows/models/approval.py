"""What people are asked to approve, and what each of them decided."""

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.models.audit import Via
from stripeflow.workflows.models.names import name_of


class ApprovalStatus(models.TextChoices):
    PENDING = "pending", _("Waiting for a decision")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    TIMED_OUT = "timed_out", _("Timed out")
    VOID = "void", _("Void: what was approved has changed")
    NOBODY = "nobody", _("Nobody is left who may decide")
    CANCELED = "canceled", _("The run was canceled")


class Cause(models.TextChoices):
    """Why somebody is asked."""

    STEP = "step", _("The workflow asks for it.")
    CHANGED = "changed", _("What was approved has changed.")
    AMOUNT = "amount", _("The amount is above the one from which this installation asks for an approval.")


class Verdict(models.TextChoices):
    APPROVE = "approve", _("Approve")
    DECLINE = "decline", _("Decline")


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def pending(self) -> "ApprovalQuerySet":
        """Those that wait for a decision, by the small index `stripeflow_approval_open`.

        In the literals of the index's condition: SQLite does not see that parameters say the same.
        """
        condition = "stripeflow_workflows_approval.status = 'pending'"
        return cast(ApprovalQuerySet, self.extra(where=[condition]))  # noqa: S610

    def to_mail(self, now: datetime) -> "ApprovalQuerySet":
        """Those whose people are to get a mail now."""
        return self.pending().filter(mail_at__lte=now)

    def at(self, run_id: Any, path: str, **more: Any) -> "Approval | None":
        """The last one that was asked at this place of a run."""
        return self.filter(run_id=run_id, path=path, **more).order_by("-number").first()


class Approval(models.Model):
    """One question to people about one run: what exactly would happen, and until when they may decide.

    Its state changes by guarded updates alone. `path` is that of the step that waits.
    """

    # Its index is that of the constraint below.
    run = models.ForeignKey(
        "Run",
        on_delete=models.CASCADE,
        related_name="approvals",
        verbose_name=_("run"),
        db_index=False,
    )
    path = models.CharField(_("step"), max_length=300)
    step_key = models.CharField(max_length=60)
    # Which question it is at this place of the run.
    number = models.PositiveSmallIntegerField(default=1)
    cause = models.CharField(_("why it is asked"), max_length=16, choices=Cause, default=Cause.STEP)
    question = models.TextField(_("question"), blank=True)
    # What would happen: of each action its key, title, inputs, digest, and the amount that it moves.
    would = models.JSONField(_("what would happen"), default=list)
    # Of the question and all that would happen. A decision names the one that the person saw.
    digest = models.CharField(_("digest"), max_length=64)
    # What the actions move together, in minor units by currency, as far as it is known.
    sums = models.JSONField(_("sums"), default=dict)

    needed = models.PositiveSmallIntegerField(_("approvals needed"), default=1)
    users = models.JSONField(_("users"), default=list)
    groups = models.JSONField(_("groups"), default=list)
    # Who may decide too, once it has been escalated; without any, everybody who has the permission. A worker
    # of an older release writes null.
    more_users = models.JSONField(_("further users"), default=list, null=True)
    more_groups = models.JSONField(_("further groups"), default=list, null=True)

    status = models.CharField(
        _("status"), max_length=16, choices=ApprovalStatus, default=ApprovalStatus.PENDING
    )
    asked_at = models.DateTimeField(_("asked at"))
    # When the people who may decide get the next mail: at once, at half time, and when it is escalated.
    mail_at = models.DateTimeField(null=True, blank=True, editable=False)
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True, editable=False)
    # When further people are to be asked, if nobody has decided by then, and when they were.
    escalate_at = models.DateTimeField(_("to be escalated at"), null=True, blank=True, editable=False)
    escalated_at = models.DateTimeField(_("escalated at"), null=True, blank=True, editable=False)
    due_at = models.DateTimeField(_("times out at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        default_permissions = ()
        permissions = [("decide_approval", _("Can decide on approvals"))]
        ordering = ("asked_at", "id")
        constraints = [
            models.UniqueConstraint(fields=("run", "path", "number"), name="stripeflow_approval_once"),
            models.UniqueConstraint(
                fields=("run", "path"), condition=Q(status="pending"), name="stripeflow_approval_one_open"
            ),
        ]
        indexes = [
            # Used by the list of what waits, and by the sweep for mails. All others are not written to it.
            models.Index(
                fields=("mail_at", "asked_at"),
                name="stripeflow_approval_open",
                condition=Q(status="pending"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.path}"

    @property
    def state(self) -> ApprovalStatus:
        return ApprovalStatus(self.status)


class Immutable(TypeError):
    """Code was about to change a decision."""

    def __init__(self) -> None:
        super().__init__("A decision is written once, and never changed.")


class Decision(models.Model):
    """What one person decided, and which text they had seen. Written once."""

    approval = models.ForeignKey("Approval", on_delete=models.CASCADE, related_name="decisions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # As the person was called then: kept when the user goes.
    user_name = models.CharField(_("name"), max_length=150)
    verdict = models.CharField(_("decision"), max_length=10, choices=Verdict)
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    # The digest of what they saw.
    seen = models.CharField(_("digest seen"), max_length=64)
    via = models.CharField(_("by"), max_length=10, choices=Via)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        default_permissions = ()
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("approval", "user"), name="stripeflow_decision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_name}: {self.verdict}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise Immutable
        self.user_name = self.user_name or name_of(self.user)
        super().save(*args, **kwargs)
