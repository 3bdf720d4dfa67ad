"""The answer to a person who has changed a workflow, or was refused."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.admin.base.admin_log import log_on_workflow
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.audit.acts import NotPossible
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import Workflow

# The exceptions that refuse a person's change; each says why, in a sentence.
REFUSALS = (editing.RevisionConflict, editing.NotAllowed, DefinitionError, NotPossible, ProofNeeded)
# How many problems of a definition one message names.
_MOST = 3


def reason(error: Exception) -> str:
    """Why a change was not made, in a few sentences."""
    if isinstance(error, DefinitionError):
        return " ".join(one.message for one in error.problems[:_MOST])
    return str(error)


def refused(request: HttpRequest, workflow: Workflow, why: Exception | str) -> HttpResponse:
    """Back to the workflow's page, with the reason why nothing changed."""
    messages.error(request, reason(why) if isinstance(why, Exception) else why)
    return HttpResponseRedirect(workflow_url(workflow))


def done(
    request: HttpRequest, workflow: Workflow, message: str, *, logged: str = "", anchor: str = ""
) -> HttpResponse:
    """Back to the workflow's page, with what was done; its history says the same, or `logged`."""
    log_on_workflow(request, workflow, logged or message)
    messages.success(request, message)
    return HttpResponseRedirect(workflow_url(workflow, anchor))
