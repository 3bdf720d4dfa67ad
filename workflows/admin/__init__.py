"""The editor and the history in the Django admin. Importing a module here registers its pages."""

from stripeflow.workflows.admin import (
    audit,
    connections,
    deliveries,
    destinations,
    saved_templates,
    secrets,
    suppressions,
    tokens,
    workflow,
)
from stripeflow.workflows.admin.editor import branches, cancel_events, conditions, steps, trigger
from stripeflow.workflows.admin.limits import accounts, switch
from stripeflow.workflows.admin.publishing import versions
from stripeflow.workflows.admin.runs import approvals, history, object_tools

__all__ = [
    "accounts",
    "approvals",
    "audit",
    "branches",
    "cancel_events",
    "conditions",
    "deliveries",
    "destinations",
    "history",
    "object_tools",
    "saved_templates",
    "connections",
    "secrets",
    "suppressions",
    "steps",
    "switch",
    "tokens",
    "trigger",
    "versions",
    "workflow",
]
