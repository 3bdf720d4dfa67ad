"""The ready-made workflows. They are code, so the originals always stay; people save own copies."""

from stripeflow.workflows.workflow_templates import fraud_warnings, personalize_orders, tag_customers
from stripeflow.workflows.workflow_templates.base import Parameter, UnknownTemplate, WorkflowTemplate

_ALL = (personalize_orders.TEMPLATE, tag_customers.TEMPLATE, fraud_warnings.TEMPLATE)


def templates() -> tuple[WorkflowTemplate, ...]:
    """Every template, in the order in which the gallery shows them."""
    return _ALL


def template(key: str) -> WorkflowTemplate:
    """The template with this key. Raises `UnknownTemplate`."""
    for found in _ALL:
        if found.key == key:
            return found
    raise UnknownTemplate(key)


__all__ = ["Parameter", "UnknownTemplate", "WorkflowTemplate", "template", "templates"]
