"""Workflows: reading, changing under guard, and their life."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Q
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import Operation, check
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.addresses import location
from stripeflow.workflows.api.errors import PreconditionFailed
from stripeflow.workflows.api.etags import etag_of, given_revision, is_known, required_revision
from stripeflow.workflows.api.examples import DEFINITION_EXAMPLE
from stripeflow.workflows.api.fields import SomeOf
from stripeflow.workflows.api.openapi import DEFINITION, ETAG, IF_NONE_MATCH, documented, if_match
from stripeflow.workflows.api.pagination import WorkflowPages
from stripeflow.workflows.api.query import Pages
from stripeflow.workflows.api.shapes.errors import Problems
from stripeflow.workflows.api.shapes.workflows import Activate, WorkflowDetail, WorkflowSummary
from stripeflow.workflows.api.validating import not_activatable, not_reviewed, problems_of
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.schema import check_structure
from stripeflow.workflows.definition.undecided import moves_or_destroys
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.drafts.deleted_steps import deleted_steps
from stripeflow.workflows.drafts.editing import RevisionConflict
from stripeflow.workflows.drafts.rows import documents_of, to_document
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.models.workflow import WorkflowQuerySet
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import WorkflowStatus

_BODY = {"application/json": DEFINITION}


class WorkflowQuery(Pages):
    status = SomeOf(
        choices=WorkflowStatus.choices,
        required=False,
        help_text="Archived ones are listed only if asked for.",
    )
    event_type = serializers.CharField(required=False, help_text="Started by this Stripe event.")
    search = serializers.CharField(required=False, help_text="In name and description.")


class Workflows(ApiViewSet):
    access: ClassVar[Access] = {
        "list": permissions.may_view,
        "retrieve": permissions.may_view,
        "create": permissions.may_add,
        "update": permissions.may_edit,
        "validate_document": permissions.may_write,
        "validate": permissions.may_view,
        "activate": permissions.may_change_state,
        "deactivate": permissions.may_change_state,
        "archive": permissions.may_change_state,
        "restore": permissions.may_change_state,
        "duplicate": permissions.may_duplicate,
    }
    pagination_class = WorkflowPages

    @documented(
        "workflows_list",
        summary="List workflows",
        answer=WorkflowSummary(many=True),
        parameters=[WorkflowQuery],
        errors=(400, 404),
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(_filtered(_rows(), self.query)) or []
        shapes = WorkflowSummary(page, many=True, context={"documents": documents_of(page)})
        return self.get_paginated_response(shapes.data)

    @documented(
        "workflows_retrieve",
        summary="Read a workflow",
        answer=WorkflowDetail,
        parameters=[ETAG, IF_NONE_MATCH],
        unchanged=True,
        errors=(404,),
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        answer = _answer(request, _workflow(pk))
        if is_known(request, answer["ETag"]):
            return Response(status=304, headers={"ETag": answer["ETag"]})
        return answer

    @documented(
        "workflows_create",
        summary="Create a draft",
        request=_BODY,
        answer=WorkflowDetail,
        status=201,
        parameters=[ETAG],
        errors=(400, 413),
        examples=[DEFINITION_EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        workflow = lifecycle.create(self.body, owner=request.user, act=Act.of(request))
        return _answer(request, workflow, status=201)

    @documented(
        "workflows_update",
        summary="Replace the definition",
        request=_BODY,
        answer=WorkflowDetail,
        parameters=[ETAG, if_match(required=True)],
        errors=(400, 404, 409, 412, 413, 428),
        examples=[DEFINITION_EXAMPLE],
    )
    def update(self, request: Request, pk: int) -> Response:
        """What runs does not change until the workflow is activated again."""
        workflow = _workflow(pk)
        revision = required_revision(request, workflow)
        try:
            editing.update(workflow, self.body, revision=revision, act=Act.of(request))
        except RevisionConflict as error:
            raise _precondition(request, workflow, error) from error
        return _answer(request, workflow)

    @documented(
        "workflows_validate_document",
        summary="Check a definition without saving it",
        request=_BODY,
        answer=Problems,
        errors=(400, 413),
        examples=[DEFINITION_EXAMPLE],
    )
    def validate_document(self, request: Request) -> Response:
        """Problems of structure are a 400, all others a list of what stands against activation."""
        check_structure(self.body)
        return problems_of(self.body, request.user)

    @documented("workflows_validate", summary="Check a saved workflow", answer=Problems, errors=(404,))
    def validate(self, request: Request, pk: int) -> Response:
        workflow = _workflow(pk)
        document = to_document(workflow)
        return problems_of(document, request.user, deleted_steps(workflow, document))

    @documented(
        "workflows_activate",
        summary="Activate",
        request=Activate,
        answer=WorkflowDetail,
        parameters=[ETAG, if_match(required=False)],
        unseen=True,
        errors=(400, 404, 409, 412, 422, 428),
    )
    def activate(self, request: Request, pk: int) -> Response:
        """Freeze the definition into a new version and run that from now on.

        A definition that moves money or destroys something needs a permission of its own, and the ETag of
        what was reviewed in If-Match. One that changes customers needs another permission.
        """
        workflow, given = _workflow(pk), given_revision(request)
        document = to_document(workflow)
        check(request.user, Operation.ACTIVATE, [document])
        if given is None and moves_or_destroys(document["steps"]):
            raise not_reviewed()
        # Without If-Match, what was checked for money above must still be what is activated.
        revision = workflow.revision if given is None else given
        try:
            lifecycle.activate(workflow, Act.of(request, self.body.get("note", "")), revision=revision)
        except RevisionConflict as error:
            if given is None:
                raise
            raise _precondition(request, workflow, error) from error
        except DefinitionError as error:
            raise not_activatable(error, request.user) from error
        return _answer(request, workflow)

    @documented(
        "workflows_deactivate",
        summary="Deactivate",
        answer=WorkflowDetail,
        parameters=[ETAG],
        unseen=True,
        errors=(404, 409),
    )
    def deactivate(self, request: Request, pk: int) -> Response:
        """Start no more runs. Those that have started end as they began."""
        return _change(request, pk, lifecycle.deactivate)

    @documented(
        "workflows_archive",
        summary="Archive",
        answer=WorkflowDetail,
        parameters=[ETAG],
        unseen=True,
        errors=(404, 409),
    )
    def archive(self, request: Request, pk: int) -> Response:
        """Put an inactive workflow or a draft away. It can be restored."""
        return _change(request, pk, lifecycle.archive)

    @documented(
        "workflows_restore",
        summary="Restore",
        answer=WorkflowDetail,
        parameters=[ETAG],
        unseen=True,
        errors=(404, 409),
    )
    def restore(self, request: Request, pk: int) -> Response:
        """Bring an archived workflow back."""
        return _change(request, pk, lifecycle.restore)

    @documented(
        "workflows_duplicate",
        summary="Duplicate",
        answer=WorkflowDetail,
        status=201,
        parameters=[ETAG],
        errors=(404, 409),
    )
    def duplicate(self, request: Request, pk: int) -> Response:
        """A new draft with the same definition."""
        copy = lifecycle.duplicate(_workflow(pk), owner=request.user, act=Act.of(request))
        return _answer(request, copy, status=201)


def answer_with(request: Request, workflow: Workflow, *, status: int = 200) -> Response:
    """The workflow with its definition and ETag; only the ETag for people who may not view it."""
    return _answer(request, workflow, status=status)


def _rows() -> WorkflowQuerySet:
    return Workflow.objects.select_related("active_version", "owner")


def _filtered(rows: WorkflowQuerySet, query: dict[str, Any]) -> WorkflowQuerySet:
    status = query.get("status")
    rows = rows.filter(status__in=status) if status else rows.current()
    if "event_type" in query:
        rows = rows.starting_on(query["event_type"])
    if "search" in query:
        text = query["search"]
        rows = rows.filter(Q(name__icontains=text) | Q(description__icontains=text))
    return rows


def _workflow(pk: int) -> Workflow:
    return get_object_or_404(_rows(), pk=pk)


def _answer(request: Request, workflow: Workflow, *, status: int = 200) -> Response:
    if status == 200 and not permissions.may_view(request.user):
        return Response(status=204, headers={"ETag": f'"{workflow.revision}"'})
    context = {"documents": documents_of([workflow]), "user": request.user}
    shown = WorkflowDetail(workflow, context=context).data
    made = location(request, "workflow", workflow.pk) if status == 201 else {}
    return Response(shown, status=status, headers={"ETag": etag_of(workflow, shown), **made})


def _precondition(request: Request, workflow: Workflow, error: Exception) -> PreconditionFailed:
    """412 with the workflow's current ETag."""
    return PreconditionFailed(str(error), etag=_answer(request, _workflow(workflow.pk))["ETag"])


def _change(request: Request, pk: int, change: Callable[[Workflow, Act], None]) -> Response:
    workflow = _workflow(pk)
    change(workflow, Act.of(request))
    return _answer(request, workflow)
