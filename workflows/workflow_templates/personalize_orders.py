from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate
from stripeflow.workflows.workflow_templates.parts import (
    RECIPIENTS,
    large_payment,
    thank_you_email,
    threshold,
)


def build(values: Mapping[str, Any]) -> Json:
    return {"trigger": large_payment(values), "steps": [thank_you_email(values)]}


TEMPLATE = WorkflowTemplate(
    key="personalize_orders",
    name=_("Personalize orders"),
    description=_("When a large payment succeeds, ask a team member to add a handwritten note to the order."),
    why=_("A purchase of more than 1,000 US dollars deserves a handwritten note."),
    goal=Goal.KEEP,
    parameters=(threshold("minimum", _("Payments above"), 1000), RECIPIENTS),
    build=build,
)
