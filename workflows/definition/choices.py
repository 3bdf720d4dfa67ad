"""The choices in a definition, as its document and its rows spell them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

KEY_PATTERN = r"^[a-z][a-z0-9_]{0,59}$"
# The key of the branch that an action step takes if it fails; no other branch of such a step exists.
ERROR_BRANCH_KEY = "error"


class Match(models.TextChoices):
    """How the conditions of a group combine."""

    ALL = "all", _("all of these conditions are met")
    ANY = "any", _("any of these conditions is met")
    NONE = "none", _("none of these conditions is met")


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


class OnError(models.TextChoices):
    STOP = "stop", _("Stop the run")
    CONTINUE = "continue", _("Go on with the next step")
    BRANCH = "branch", _("Take the error branch")


class IfUndecided(models.TextChoices):
    """What a branch step does where a condition is unknown before one is met."""

    OTHERWISE = "otherwise", _("Take “All other cases”")
    STOP = "stop", _("Stop for a person")


class ActsAs(models.TextChoices):
    """Whose Stripe account an action works in."""

    EVENT = "event", _("The account of the event")
    PLATFORM = "platform", _("Your own account (the platform)")
