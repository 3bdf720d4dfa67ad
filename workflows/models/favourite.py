from django.conf import settings
from django.db import models


class FavouriteAction(models.Model):
    """An action that a person wants to see first in the gallery."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Its key; the action may not be installed any more.
    action = models.CharField(max_length=100)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=("user", "action"), name="stripeflow_favourite_action_unique"),
        ]

    def __str__(self) -> str:
        return self.action
