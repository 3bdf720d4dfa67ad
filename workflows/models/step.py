from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.choices import KEY_PATTERN, ActsAs, IfUndecided, Match, OnError

validate_key = RegexValidator(
    KEY_PATTERN,
    _("A key is at most 60 lower-case letters, digits and underscores, and starts with a letter."),
)


class Step(models.Model):
    """One step of a workflow: an action, or a branch on conditions.

    `branch` is the branch that holds it, or null at the top level.
    """

    workflow = models.ForeignKey("Workflow", on_delete=models.CASCADE, related_name="steps")
    branch = models.ForeignKey(
        "Branch", null=True, blank=True, on_delete=models.CASCADE, related_name="steps"
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    # Stable: references, step runs and idempotency keys carry it.
    key = models.CharField(_("key"), max_length=60, validators=[validate_key])
    kind = models.CharField(_("kind"), max_length=16, default="action")
    name = models.CharField(_("name"), max_length=200, blank=True)
    action = models.CharField(_("action"), max_length=100, blank=True)
    inputs = models.JSONField(_("inputs"), default=dict, blank=True)
    on_error = models.CharField(_("if it fails"), max_length=16, choices=OnError, default=OnError.STOP)
    acts_as = models.CharField(_("acts as"), max_length=8, choices=ActsAs, default=ActsAs.EVENT)
    # What the step sets of the retry policy: max_attempts, base_seconds, cap_seconds, total_seconds.
    retry = models.JSONField(_("tried again"), default=dict, blank=True)
    # Of a branch step; empty: as `definition.undecided` says.
    if_undecided = models.CharField(
        _("if it cannot be decided"), max_length=16, choices=IfUndecided, blank=True
    )

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=("workflow", "key"), name="stripeflow_step_key_unique"),
        ]

    def __str__(self) -> str:
        return self.name or self.key


class Branch(models.Model):
    """One way out of a branch step, the last of which is "All other cases" and has no conditions.

    Or what an action step does in place of all that follows, once it has failed: its error branch.
    """

    step = models.ForeignKey("Step", on_delete=models.CASCADE, related_name="branches")
    position = models.PositiveIntegerField(_("position"), default=0)
    key = models.CharField(_("key"), max_length=60, validators=[validate_key])
    name = models.CharField(_("name"), max_length=200, blank=True)
    match = models.CharField(_("taken if"), max_length=4, choices=Match, default=Match.ALL)
    otherwise = models.BooleanField(_("all other cases"), default=False, editable=False)
    on_error = models.BooleanField(_("error branch"), default=False, editable=False)

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ("otherwise", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("step", "key"), name="stripeflow_branch_key_unique"),
            models.UniqueConstraint(
                fields=("step",), condition=Q(otherwise=True), name="stripeflow_branch_one_otherwise"
            ),
            models.UniqueConstraint(
                fields=("step",), condition=Q(on_error=True), name="stripeflow_branch_one_on_error"
            ),
            models.CheckConstraint(
                condition=Q(otherwise=False) | Q(on_error=False), name="stripeflow_branch_is_one_thing"
            ),
        ]

    def __str__(self) -> str:
        if self.name:
            return self.name
        if self.on_error:
            return str(_("If it fails"))
        return str(_("All other cases") if self.otherwise else _("If these conditions are met"))
