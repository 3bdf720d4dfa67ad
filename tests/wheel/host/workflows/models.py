from django.db import models


class Workflow(models.Model):
    """The shop's own, which has nothing to do with Stripe."""

    title = models.CharField(max_length=100)

    def __str__(self):
        return self.title
