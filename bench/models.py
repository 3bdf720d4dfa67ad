"""The rows of the baselines: what one would write by hand."""

import uuid

from django.db import models


class BareEvent(models.Model):
    """What the bare view inserts."""

    external_id = models.CharField(max_length=255, unique=True)
    payload = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.external_id


class BareRun(models.Model):
    """What the bare loop claims."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    status = models.CharField(max_length=16, default="queued")
    token = models.UUIDField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class BareStep(models.Model):
    """The bare loop's intent, and its outcome."""

    run = models.ForeignKey(BareRun, on_delete=models.CASCADE)
    path = models.CharField(max_length=300)
    status = models.CharField(max_length=16)
    inputs = models.JSONField()
    outputs = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("run", "path"), name="bench_bare_step_once")]

    def __str__(self) -> str:
        return self.path
