"""Registers the types of triggers that are made of what the workflows know."""

from stripeflow.triggers.types import registry
from stripeflow.workflows.definition.finished.trigger import WorkflowFinished
from stripeflow.workflows.definition.on_demand.trigger import OnDemand

registry.register(OnDemand)
registry.register(WorkflowFinished)
