from django.db import models


class Action(models.Model):
    """What the shop has done."""

    title = models.CharField(max_length=100)

    def __str__(self):
        return self.title
