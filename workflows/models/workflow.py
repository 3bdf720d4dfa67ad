import json
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.states import WorkflowStatus


def new_seed() -> str:
    """Random, so that no other workflow has it, in this installation or another."""
    return uuid4().hex


class WorkflowQuerySet(models.QuerySet["Workflow"]):
    def current(self) -> "WorkflowQuerySet":
        """Everything but the archived ones."""
        return self.exclude(status=WorkflowStatus.ARCHIVED)

    def active(self) -> "WorkflowQuerySet":
        return self.filter(status=WorkflowStatus.ACTIVE)

    def starting_on(self, event_type: str) -> "WorkflowQuerySet":
        """Those whose trigger has this event type, alone or among others, or is of this type itself."""
        # A list in JSON can be searched for a value on every database only as the text that it is.
        events = self.annotate(trigger_events=Cast("trigger__settings", models.TextField()))
        named = models.Q(trigger_events__contains=json.dumps(event_type))
        return events.filter(named | models.Q(trigger__type=event_type))


class Workflow(models.Model):
    """One automation: a trigger, its conditions and steps, as a person edits it.

    The engine never reads these rows; it reads the frozen `WorkflowVersion` made on activation.
    """

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    status = models.CharField(
        _("status"), max_length=16, choices=WorkflowStatus, default=WorkflowStatus.DRAFT, db_index=True
    )
    active_version = models.ForeignKey(
        "WorkflowVersion",
        verbose_name=_("active version"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True, editable=False)
    paused_reason = models.CharField(_("reason of the pause"), max_length=500, blank=True, editable=False)
    refund_caps = models.JSONField(
        _("daily refund limits"),
        default=dict,
        blank=True,
        help_text=_("By currency, in minor units. Without one, only the installation's limit holds."),
    )
    customer_caps = models.JSONField(
        _("daily limits for one customer"),
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text=_("By currency, in minor units: what this workflow may move for each customer."),
    )
    template_key = models.CharField(_("made from template"), max_length=100, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Is told when a run fails or the workflow is paused."),
    )
    # Guards two editors: every change of the definition's rows is an update WHERE revision = the one seen.
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    # What its run ids are made from, see `run_ids`. After a restore another may get the primary key.
    run_seed = models.CharField(max_length=32, unique=True, default=new_seed, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = WorkflowQuerySet.as_manager()

    class Meta:
        verbose_name = _("workflow")
        verbose_name_plural = _("workflows")
        ordering = ("name", "id")
        permissions = [
            ("activate_workflow", _("Can activate, deactivate and archive workflows")),
            ("run_money_moving_workflow", _("Can activate and run workflows that move money")),
            ("run_customer_changing_workflow", _("Can activate and run workflows that change customers")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> WorkflowStatus:
        return WorkflowStatus(self.status)
