from django.db import models


class Event(models.Model):
    """A concert, say."""

    title = models.CharField(max_length=100)

    def __str__(self):
        return self.title
