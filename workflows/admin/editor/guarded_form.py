"""The base of every form of the editor: it carries the revision of the workflow that its reader saw."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from stripeflow.workflows.models import Workflow

# Marks a form that is posted only to be shown again, not to be saved.
RESTORE = "_restore"


class GuardedForm(forms.ModelForm):
    """Refuses to be saved once somebody else has changed the workflow.

    A refused form keeps what was typed and takes the current revision, so that a person who saves it again
    knows of the other change. The guarded update itself is `drafts.editing`.
    """

    workflow: ClassVar[Workflow | None] = None

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        workflow = self.guarded()
        if workflow is None:
            del self.fields["revision"]
        else:
            self.initial["revision"] = workflow.revision

    def guarded(self) -> Workflow | None:
        """The workflow that this form changes, or None if it creates a new one."""
        return self.workflow

    def is_valid(self) -> bool:
        return super().is_valid() and not self.is_restored

    @property
    def is_restored(self) -> bool:
        """Whether the form was posted to restore what was typed before."""
        return self.is_bound and RESTORE in self.data

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        workflow = self.guarded()
        if workflow is not None and "revision" in cleaned:
            self._check_revision(workflow, cleaned["revision"])
        return cleaned

    def _check_revision(self, workflow: Workflow, seen: int) -> None:
        current = Workflow.objects.values_list("revision", flat=True).get(pk=workflow.pk)
        if seen == current:
            return
        # What was sent is a `QueryDict`, of which the stubs know a mapping.
        data: Any = self.data
        self.data = data = data.copy()
        data[self.add_prefix("revision")] = current
        message = _(
            "Somebody else has changed this workflow meanwhile. Nothing was saved, and what you typed is "
            "still here. Look at the workflow as it is now, then save again if you still want this."
        )
        raise ValidationError(message, code="conflict")
