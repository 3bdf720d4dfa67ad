from django.db import models
from django.utils.translation import gettext_lazy as _


class Match(models.TextChoices):
    """How the conditions of a group combine."""

    ALL = "all", _("all of these conditions are met")
    ANY = "any", _("any of these conditions is met")
    NONE = "none", _("none of these conditions is met")


class TriggerType(models.TextChoices):
    STRIPE_EVENT = "stripe_event", _("A Stripe event")


class Trigger(models.Model):
    """What starts a workflow. Its condition rows form the root group of the trigger conditions."""

    workflow = models.OneToOneField(
        "Workflow", verbose_name=_("workflow"), on_delete=models.CASCADE, related_name="trigger"
    )
    type = models.CharField(
        _("starts on"), max_length=32, choices=TriggerType, default=TriggerType.STRIPE_EVENT
    )
    event_type = models.CharField(
        _("event"), max_length=100, blank=True, help_text=_("The Stripe event that starts the workflow.")
    )
    match = models.CharField(_("start only if"), max_length=4, choices=Match, default=Match.ALL)

    class Meta:
        verbose_name = _("trigger")
        verbose_name_plural = _("triggers")

    def __str__(self) -> str:
        return self.event_type or str(_("No event chosen"))
