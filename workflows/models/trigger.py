from django.db import models
from django.utils.translation import gettext_lazy as _


class Match(models.TextChoices):
    """How the conditions of a group combine."""

    ALL = "all", _("all of these conditions are met")
    ANY = "any", _("any of these conditions is met")
    NONE = "none", _("none of these conditions is met")


class TriggerType(models.TextChoices):
    STRIPE_EVENT = "stripe_event", _("A Stripe event")


class Mode(models.TextChoices):
    """Which events a trigger takes: what happened for real, or in test mode and sandboxes."""

    LIVE = "live", _("Live events only")
    TEST = "test", _("Test events only")
    BOTH = "both", _("Live and test events")


class Accounts(models.TextChoices):
    """Whose events a trigger takes."""

    OWN = "own", _("Your own account")
    CONNECTED = "connected", _("All connected accounts")
    ALL = "all", _("Your own account and all connected accounts")
    LISTED = "listed", _("Some connected accounts")


class CausedEvents(models.TextChoices):
    """Whether events that calls of workflows have caused start a workflow."""

    START = "start", _("They start it")
    IGNORE = "ignore", _("They do not start it")


class Trigger(models.Model):
    """What starts a workflow. Its condition rows form the root group of the trigger conditions.

    `mode` and `accounts` are both empty as long as nobody has chosen the scope; then every event counts.
    """

    workflow = models.OneToOneField(
        "Workflow", verbose_name=_("workflow"), on_delete=models.CASCADE, related_name="trigger"
    )
    type = models.CharField(
        _("starts on"), max_length=32, choices=TriggerType, default=TriggerType.STRIPE_EVENT
    )
    event_types = models.JSONField(
        _("events"), default=list, blank=True, help_text=_("Each of these Stripe events starts the workflow.")
    )
    mode = models.CharField(_("mode"), max_length=4, choices=Mode, blank=True)
    accounts = models.CharField(_("accounts"), max_length=9, choices=Accounts, blank=True)
    # The ids of the connected accounts, where `accounts` is "listed".
    listed_accounts = models.JSONField(_("listed accounts"), default=list, blank=True)
    # Empty: see `definition.caused`.
    caused_events = models.CharField(
        _("events that workflows cause"), max_length=6, choices=CausedEvents, blank=True
    )
    match = models.CharField(_("start only if"), max_length=4, choices=Match, default=Match.ALL)

    class Meta:
        verbose_name = _("trigger")
        verbose_name_plural = _("triggers")

    def __str__(self) -> str:
        return ", ".join(self.event_types) or str(_("No event chosen"))
