"""Rows of the centre: what people edit (definition), what is frozen (versions), what happened (runs)."""

from stripeflow.workflows.models.api_token import ApiToken
from stripeflow.workflows.models.approval import Approval, Decision
from stripeflow.workflows.models.audit import AuditEntry
from stripeflow.workflows.models.awaited import Awaited, AwaitedEvent, AwaitedType
from stripeflow.workflows.models.beat import Beat
from stripeflow.workflows.models.cancel_event import CancelEvent
from stripeflow.workflows.models.condition import Condition
from stripeflow.workflows.models.connection import Connection
from stripeflow.workflows.models.destination import (
    DeliveryAttempt,
    DestinationSecret,
    EventDelivery,
    EventDestination,
    EventSubscription,
    OutgoingEvent,
)
from stripeflow.workflows.models.edit import Edit
from stripeflow.workflows.models.favourite import FavouriteAction
from stripeflow.workflows.models.key_use import KeyUse
from stripeflow.workflows.models.limits import AccountPause, Deauthorization, Reservation, Spending, Switch
from stripeflow.workflows.models.loop import Loop, LoopItem
from stripeflow.workflows.models.operation import RunOperation
from stripeflow.workflows.models.run import Run
from stripeflow.workflows.models.saved_template import SavedTemplate
from stripeflow.workflows.models.schedule import LeftOutTime, Schedule
from stripeflow.workflows.models.secret import Secret
from stripeflow.workflows.models.step import Branch, Step
from stripeflow.workflows.models.step_run import StepRun
from stripeflow.workflows.models.trigger import Trigger
from stripeflow.workflows.models.version import Activation, WorkflowVersion
from stripeflow.workflows.models.workflow import Workflow

__all__ = [
    "AccountPause",
    "Activation",
    "ApiToken",
    "Approval",
    "AuditEntry",
    "Awaited",
    "AwaitedEvent",
    "AwaitedType",
    "Beat",
    "Branch",
    "CancelEvent",
    "Condition",
    "Connection",
    "Decision",
    "Deauthorization",
    "FavouriteAction",
    "DeliveryAttempt",
    "DestinationSecret",
    "Edit",
    "EventDelivery",
    "EventDestination",
    "EventSubscription",
    "KeyUse",
    "LeftOutTime",
    "Loop",
    "LoopItem",
    "OutgoingEvent",
    "Reservation",
    "Run",
    "RunOperation",
    "SavedTemplate",
    "Schedule",
    "Secret",
    "Spending",
    "Step",
    "StepRun",
    "Switch",
    "Trigger",
    "Workflow",
    "WorkflowVersion",
]
