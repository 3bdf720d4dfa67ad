"""The ready-made workflows: those that are code, and those that people have saved here."""

from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates.base import Parameter, WorkflowTemplate
from stripeflow.workflows.workflow_templates.registry import (
    DuplicateTemplate,
    UnknownTemplate,
    autodiscover,
    register,
    template,
    templates,
    temporarily,
)

__all__ = [
    "DuplicateTemplate",
    "Goal",
    "Parameter",
    "UnknownTemplate",
    "WorkflowTemplate",
    "autodiscover",
    "register",
    "template",
    "templates",
    "temporarily",
]
