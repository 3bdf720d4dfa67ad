"""Rows of the centre: what people edit (definition), what is frozen (versions), what happened (runs)."""

from workflows.models.api_token import ApiToken
from workflows.models.audit import AuditEntry
from workflows.models.beat import Beat
from workflows.models.condition import Condition
from workflows.models.edit import Edit
from workflows.models.limits import AccountPause, Deauthorization, Reservation, Spending, Switch
from workflows.models.operation import RunOperation
from workflows.models.run import Run, StepRun
from workflows.models.secret import Secret
from workflows.models.step import Branch, Step
from workflows.models.trigger import Trigger
from workflows.models.version import Activation, WorkflowVersion
from workflows.models.workflow import Workflow

__all__ = [
    "AccountPause",
    "Activation",
    "ApiToken",
    "AuditEntry",
    "Beat",
    "Branch",
    "Condition",
    "Edit",
    "Deauthorization",
    "Reservation",
    "Run",
    "RunOperation",
    "Secret",
    "Spending",
    "Step",
    "StepRun",
    "Switch",
    "Trigger",
    "Workflow",
    "WorkflowVersion",
]
