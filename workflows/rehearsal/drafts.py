"""What is rehearsed: the rows as they are now, or a version."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from stripeflow.workflows.conditions import ConditionError
from stripeflow.workflows.definition.condition_types import types_of
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import Plan, build
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Workflow, WorkflowVersion

# The ID of no row.
_NO_WORKFLOW = 0


class NotRehearsable(Exception):
    """The definition cannot be rehearsed at all. The message is a sentence."""


@dataclass(frozen=True)
class Script:
    """A definition to be rehearsed. `version` is None for the rows as they are now."""

    workflow: Workflow
    document: Json
    version: WorkflowVersion | None = None

    @property
    def trigger(self) -> TriggerPlan:
        return TriggerPlan.of(self.document["trigger"])

    def plan(self) -> Plan:
        """The plan, with the types of today's catalogue for a draft. Raises `NotRehearsable`."""
        if not self.trigger.topics:
            raise NotRehearsable(_("Choose what starts the workflow first."))
        try:
            return build(self.document, self.version.types if self.version else types_of(self.document))
        except ConditionError as error:
            message = _("Some conditions cannot be read yet: %s") % error.message
            raise NotRehearsable(message) from error


def script_of_unsaved(document: Json) -> Script:
    """A definition of which there is no row, such as that of a template; none is written.

    Raises `NotRehearsable` if its events are always for one workflow: none can have been for this one.
    """
    script = Script(Workflow(pk=_NO_WORKFLOW, name=document["name"]), document)
    if script.trigger.is_addressed:
        raise NotRehearsable(
            _("No event that has arrived could have started it: a person or a schedule starts it.")
        )
    return script


def script_of(workflow: Workflow, number: int | None = None) -> Script:
    """The rows of the workflow, or its version of this number. Raises `WorkflowVersion.DoesNotExist`."""
    if number is None:
        return Script(workflow, to_document(workflow))
    version = workflow.versions.get(number=number)
    return Script(workflow, version.document, version)
