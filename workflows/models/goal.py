"""What a template is good for: the groups of the gallery, in their order."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Goal(TextChoices):
    RECOVER = "recover_money", _("Recover money")
    PREVENT = "prevent_loss", _("Prevent loss")
    KEEP = "keep_customers", _("Keep customers")
    TELL = "tell_the_team", _("Tell the team")
    CONNECT = "connect_systems", _("Connect systems")
    PLATFORMS = "platforms", _("Platforms")
