from django.db import models

from stripeflow.workflows.models.workflow import Workflow


class Edit(models.Model):
    """One change of a workflow's rows, so that it can be undone and made again.

    `document` is what stands on its other side: what the rows said before it, or once undone, after it.
    The undone ones are the newest; `revision` is the one that the change made, and gives the order.
    """

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="edits")
    revision = models.PositiveIntegerField()
    document = models.JSONField()
    is_undone = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ("-revision",)
        constraints = [
            models.UniqueConstraint(fields=("workflow", "revision"), name="stripeflow_edit_once_per_revision")
        ]

    def __str__(self) -> str:
        return f"{self.workflow_id}, revision {self.revision}"
