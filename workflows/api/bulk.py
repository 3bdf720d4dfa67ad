"""Starting a workflow on demand many times, from lines of inputs or CSV."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import Operation, check
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.invoking import IDEMPOTENCY_KEY, key_in, workflow_of
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.shapes.bulk import BulkDone, BulkShape, ChooseLines, StartLines
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import bulk
from stripeflow.workflows.operations.asking import Asked, OtherVersion, inputs_of
from stripeflow.workflows.operations.invoking import active_version_of
from stripeflow.workflows.operations.table import Row, read


class BulkInvocations(ApiViewSet):
    access: ClassVar[Access] = dict.fromkeys(("preview", "start"), permissions.may_operate_runs)

    @documented(
        "workflows_bulk_preview",
        summary="Preview starting a workflow many times",
        request=ChooseLines,
        answer=BulkShape,
        parameters=[IDEMPOTENCY_KEY],
        errors=(400, 404, 409),
    )
    def preview(self, request: Request, pk: int) -> Response:
        """How many runs would start, the sums of their amounts, and what is wrong with which line."""
        workflow = workflow_of(pk)
        try:
            found = bulk.preview(workflow, self._rows(workflow), self._asked(request))
        except OtherVersion as error:
            raise ApiError(str(error), code="other_version", status=409) from error
        return Response(BulkShape(found).data)

    @documented(
        "workflows_bulk_invoke",
        summary="Start a workflow many times",
        request=StartLines,
        answer=BulkDone,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
        errors=(400, 404, 409),
    )
    def start(self, request: Request, pk: int) -> Response:
        """Starts one run for each line. The key of each is made of the Idempotency-Key and the line.

        May be repeated with the same key: a line that has started its run is found. Nothing starts if a line
        has a problem (409 with the code `line_problems`), or if money moves and `confirm` is not the sum
        (409 with the code `confirmation`).
        """
        workflow = workflow_of(pk)
        if workflow.active_version is not None:
            check(request.user, Operation.START, [workflow.active_version.document])
        act = Act.of(request, self.body.get("note", ""))
        typed = self.body.get("confirm", "")
        try:
            done = bulk.start(workflow, self._rows(workflow), self._asked(request), act, typed=typed)
        except bulk.NotConfirmed as error:
            raise ApiError(str(error), code="confirmation", status=409) from error
        except bulk.HasProblems as error:
            raise ApiError(str(error), code="line_problems", status=409) from error
        except OtherVersion as error:
            raise ApiError(str(error), code="other_version", status=409) from error
        started = sum(one.is_new for one in done)
        return Response(BulkDone({"started": started, "lines": done}).data, status=201)

    def _rows(self, workflow: Workflow) -> list[Row]:
        if "csv" in self.body:
            declared = inputs_of(active_version_of(workflow))
            return list(read(declared, self.body["csv"], self.body.get("columns")).rows)
        return [Row(number, values) for number, values in enumerate(self.body["lines"], 1)]

    def _asked(self, request: Request) -> Asked:
        chosen = {name: self.body.get(name) for name in ("livemode", "account", "version")}
        return Asked({}, key_in(request), **chosen)
