from django.db import models

from workflows.models.workflow import Workflow


class PreviousDefinition(models.Model):
    """What a workflow's rows said before their last change, so that it can be undone.

    It stands for the change that made `revision`; an older one is of no use any more.
    """

    workflow = models.OneToOneField(
        Workflow, primary_key=True, on_delete=models.CASCADE, related_name="previous_definition"
    )
    revision = models.PositiveIntegerField()
    document = models.JSONField()

    def __str__(self) -> str:
        return f"{self.workflow_id} before revision {self.revision}"
