"""On the page of a mirrored object: the workflows that its reader may start with its ID."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from stripeflow.triggers import object_tools
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.mirror_reading import MirroredObject
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.runs.starting_form import prefilled
from stripeflow.workflows.operations.on_objects import Fitting, fitting, side_of_object

_TEMPLATE = "stripeflow/workflows/runs/object.html"


def tools_of(request: HttpRequest, shown: MirroredObject) -> object_tools.Tools:
    """The template with a button for each of them; None if there is none."""
    if not permissions.may_operate_runs(request.user):
        return None
    side = side_of_object(shown)
    if side is None:
        return None
    found = [_button(one, shown, side) for one in fitting(request.user, shown.kind, side)]
    return (_TEMPLATE, {"run_buttons": found}) if found else None


def _button(one: Fitting, shown: MirroredObject, side: AccountMode) -> dict[str, Any]:
    address = reverse("admin:stripeflow_workflows_workflow_start", args=[one.workflow.pk])
    given = urlencode(prefilled(one.version, one.input, shown.id, side))
    return {"name": one.workflow.name, "address": f"{address}?{given}"}


object_tools.set_tools(tools_of)
