"""The ready-made workflows, and making an own one from them."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _now
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.actions.naming import with_close
from stripeflow.triggers.costly import turn
from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.errors import ApiError, not_found
from stripeflow.workflows.api.openapi import ETAG, documented
from stripeflow.workflows.api.pagination import WholeList
from stripeflow.workflows.api.shapes.rehearsals import TemplateBackTested, TryTemplate, figures_of
from stripeflow.workflows.api.shapes.workflows import FromTemplate, SaveTemplate, Template, WorkflowDetail
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.api.workflows import answer_with
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.models import SavedTemplate, Workflow
from stripeflow.workflows.operations import lifecycle, saving_templates
from stripeflow.workflows.operations.saving_templates import Called
from stripeflow.workflows.rehearsal.backtest import Span, backtest
from stripeflow.workflows.rehearsal.drafts import NotRehearsable, script_of_unsaved
from stripeflow.workflows.workflow_templates import (
    UnknownTemplate,
    WorkflowTemplate,
)
from stripeflow.workflows.workflow_templates.parameter_kinds import KINDS
from stripeflow.workflows.workflow_templates.saved import found as template_found
from stripeflow.workflows.workflow_templates.saved import offered, row_of, template_of


class Templates(ApiViewSet):
    access: ClassVar[Access] = {
        "list": permissions.may_view,
        "create_workflow": permissions.may_add,
        "backtest": permissions.may_backtest,
        "save": permissions.may_save_templates,
        "change": permissions.may_change_templates,
        "remove": permissions.may_delete_templates,
    }
    pagination_class = WholeList

    @documented("templates_list", summary="List the templates", answer=Template(many=True))
    def list(self, request: Request) -> Response:
        shapes = Template(self.paginate_queryset(offered()), many=True)
        return self.get_paginated_response(shapes.data)

    @documented(
        "templates_create_workflow",
        summary="Create a draft from a template",
        request=FromTemplate,
        answer=WorkflowDetail,
        status=201,
        parameters=[ETAG],
        errors=(400, 404),
    )
    def create_workflow(self, request: Request, key: str) -> Response:
        found = _template(key)
        document = found.document(_checked(found, self.body.get("parameters", {})))
        document["name"] = self.body.get("name", document["name"])
        workflow = lifecycle.create(document, owner=request.user, template_key=found.key, act=Act.of(request))
        return answer_with(request, workflow, status=201)

    @documented(
        "templates_backtest",
        summary="Back-test a template on stored events",
        request=TryTemplate,
        answer=TemplateBackTested,
        errors=(400, 404, 409),
    )
    def backtest(self, request: Request, key: str) -> Response:
        """How many events would have started a workflow of it, and what its refunds would have moved.

        Makes no workflow, and starts nothing. As for the back-test of a workflow: one at a time for each
        person, and it needs the permissions to view events and to see payloads. A template that a person or
        a schedule starts cannot be back-tested (409).
        """
        found = _template(key)
        document = found.document(_checked(found, self.body.get("parameters", {})))
        try:
            script = script_of_unsaved(document)
            with turn(request.user):
                result = backtest(script, Span.of_days(self.body["days"]))
        except NotRehearsable as error:
            raise ApiError(str(error), code="not_allowed", status=409) from error
        return Response(TemplateBackTested({"template": key} | figures_of(result, self.body)).data)

    @documented(
        "workflows_save_as_template",
        summary="Save a workflow as a template",
        request=SaveTemplate,
        answer=Template,
        status=201,
        errors=(400, 404, 409),
    )
    def save(self, request: Request, pk: int) -> Response:
        """Of the draft. People become parameters; secrets, IDs, accounts and e-mail addresses are left out.

        `left_empty` names what has to be filled in afterwards. Without a name it has the workflow's.
        """
        workflow = get_object_or_404(Workflow, pk=pk)
        called = Called(**{**vars(Called.after(workflow)), **self.body})
        made = saving_templates.save(workflow, called, Act.of(request))
        return Response(Template(template_of(made)).data, status=201)

    @documented(
        "templates_change",
        summary="Rename a saved template",
        request=SaveTemplate,
        answer=Template,
        errors=(400, 404, 409),
    )
    def change(self, request: Request, key: str) -> Response:
        """Its name, description and goal. What it does stays."""
        row = _saved(key)
        now = Called(row.name, row.description, row.goal)
        changed = saving_templates.rename(row, Called(**{**vars(now), **self.body}), Act.of(request))
        return Response(Template(template_of(changed)).data)

    @documented("templates_delete", summary="Delete a saved template", answer=Template, errors=(404, 409))
    def remove(self, request: Request, key: str) -> Response:
        """Answers with what is gone. The workflows that were made of it stay."""
        row = _saved(key)
        shape = Template(template_of(row)).data
        saving_templates.delete(row, Act.of(request))
        return Response(shape)


def _saved(key: str) -> SavedTemplate:
    try:
        return row_of(key)
    except UnknownTemplate as error:
        known = [one.key for one in offered() if one.saved_as is not None]
        raise not_found(_now("There is no saved template “%s”.") % key, key, known) from error


def _template(key: str) -> WorkflowTemplate:
    try:
        return template_found(key)
    except UnknownTemplate as error:
        known = [one.key for one in offered()]
        raise not_found(_now("There is no template “%s”.") % key, key, known) from error


def _checked(found: WorkflowTemplate, values: dict[str, Any]) -> dict[str, Any]:
    """The given values, once each is one that its parameter can take. Raises `ApiError`."""
    known = {parameter.name: parameter for parameter in found.parameters}
    problems = []
    for name, value in values.items():
        fault = KINDS[known[name].kind].fault(value) if name in known else _no_parameter(name, known)
        if fault:
            problems.append(Problem(f"/parameters/{name}", "invalid", fault, field=name))
    if problems:
        message = _now("The parameters of the template cannot be used.")
        raise ApiError(message, code="invalid", problems=problems)
    return values


def _no_parameter(name: str, known: Iterable[str]) -> str:
    return with_close(_now("There is no such parameter."), name, known)
