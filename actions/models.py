"""Rows of this app: how many calls went to Stripe in the current second."""

from django.db import models


class CallBudget(models.Model):
    """The calls of one second under one limit, shared by all workers. One row for each limit."""

    key = models.CharField(max_length=255, unique=True)
    # The second that `used` counts, in Unix time.
    second = models.BigIntegerField(default=0)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
