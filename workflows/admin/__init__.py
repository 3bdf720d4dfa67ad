"""The editor and the history in the Django admin. Importing a module here registers its pages."""

from stripeflow.workflows.admin import (
    accounts,
    audit,
    branches,
    conditions,
    runs,
    secrets,
    steps,
    switch,
    tokens,
    trigger,
    versions,
    workflow,
)

__all__ = [
    "accounts",
    "audit",
    "branches",
    "conditions",
    "runs",
    "secrets",
    "steps",
    "switch",
    "tokens",
    "trigger",
    "versions",
    "workflow",
]
