from django.db import models
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.types import DEFAULT_TYPE, registry
from stripeflow.workflows.definition.choices import Accounts, CausedEvents, Match, Mode


class Trigger(models.Model):
    """What starts a workflow. Its condition rows form the root group of the trigger conditions.

    `mode` and `accounts` are both empty as long as nobody has chosen the scope; then every event counts.
    """

    workflow = models.OneToOneField(
        "Workflow", verbose_name=_("workflow"), on_delete=models.CASCADE, related_name="trigger"
    )
    # A key of `triggers.types.registry`, and what that type asks for, as a document has it.
    type = models.CharField(_("starts on"), max_length=32, default=DEFAULT_TYPE)
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    mode = models.CharField(_("mode"), max_length=4, choices=Mode, blank=True)
    accounts = models.CharField(_("accounts"), max_length=9, choices=Accounts, blank=True)
    # The ids of the connected accounts, where `accounts` is "listed".
    listed_accounts = models.JSONField(_("listed accounts"), default=list, blank=True)
    # Empty: see `definition.caused`.
    caused_events = models.CharField(
        _("events that workflows cause"), max_length=6, choices=CausedEvents, blank=True
    )
    # Not read any more: these events are rows, `CancelEvent`.
    cancel_when = models.JSONField(_("canceled when"), default=list, blank=True)
    match = models.CharField(_("start only if"), max_length=4, choices=Match, default=Match.ALL)

    class Meta:
        verbose_name = _("trigger")
        verbose_name_plural = _("triggers")

    def __str__(self) -> str:
        found = registry.find(self.type)
        return (found.describe(self.settings) if found else self.type) or str(_("No event chosen"))

    @property
    def topics(self) -> tuple[str, ...]:
        """`Event.type` of what starts the workflow; none as long as nobody has chosen."""
        found = registry.find(self.type)
        return found.topics(self.settings) if found else ()
