"""Starting a workflow on demand."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.addresses import location
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.shapes.invoking import InputsShape, Invoke, InvokedShape
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations.asking import (
    KEY,
    Asked,
    KeyTaken,
    OtherVersion,
    WrongInputs,
    inputs_of,
    schema_of,
)
from stripeflow.workflows.operations.awaiting import await_end, place_to_wait, preferred_seconds
from stripeflow.workflows.operations.earlier import Invoked
from stripeflow.workflows.operations.invoking import active_version_of, invoke

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description=(
        "1 to 200 printed characters of ASCII. The same key starts at most one run of the workflow in one "
        "mode and account, so that a request whose answer was lost can be repeated."
    ),
)
_PREFER = OpenApiParameter(
    "Prefer",
    str,
    OpenApiParameter.HEADER,
    description="`wait=20`: answer once the run has ended, after at most so many seconds, up to 20. "
    "While two others wait in the same process, it answers at once, without `Preference-Applied`.",
)
_ALSO = {
    200: "The same key and the same inputs came before; this is what they started.",
    202: "`Prefer: wait` was given, and the run has not ended yet.",
}


class Invocations(ApiViewSet):
    access: ClassVar[Access] = {
        "invoke": permissions.may_operate_runs,
        "describe": permissions.may_view,
    }

    @documented(
        "workflows_inputs",
        summary="What a workflow on demand asks for",
        answer=InputsShape,
        errors=(404,),
    )
    def describe(self, request: Request, pk: int) -> Response:
        """The inputs of the active version, as a JSON schema. 404 if it does not start on demand."""
        try:
            version = active_version_of(workflow_of(pk))
            schema = schema_of(inputs_of(version))
        except NotPossible as error:
            raise ApiError(str(error), code="not_found", status=404) from error
        return Response(InputsShape.of(version, schema).data)

    @documented(
        "workflows_invoke",
        summary="Start a workflow on demand",
        request=Invoke,
        answer=InvokedShape,
        status=201,
        also=_ALSO,
        parameters=[IDEMPOTENCY_KEY, _PREFER],
        errors=(400, 404, 409),
    )
    def invoke(self, request: Request, pk: int) -> Response:
        """Starts one run of the active version.

        The key is looked up first: a request whose answer was lost finds its run, also if the workflow was
        changed or deactivated since. Its inputs are compared as the version of that time read them.
        409 with the code `idempotency_key_reused` if the key came before with other inputs, and with
        `other_version` if the body names another version than the active one. If the trigger's conditions
        are not met, no run starts, and the answer says so.
        """
        workflow = workflow_of(pk)
        asked = _asked(request, self.body)
        try:
            invoked = invoke(workflow, asked, Act.of(request, self.body.get("note", "")))
        except WrongInputs as error:
            raise _not_usable(error) from error
        except KeyTaken as error:
            raise ApiError(str(error), code="idempotency_key_reused", status=409) from error
        except OtherVersion as error:
            raise ApiError(str(error), code="other_version", status=409) from error
        return _answer(request, invoked)


def workflow_of(pk: int) -> Workflow:
    return get_object_or_404(Workflow.objects.select_related("active_version"), pk=pk)


def key_in(request: Request) -> str:
    """The Idempotency-Key. Raises `ApiError`."""
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        message = _(
            "Send a key of 1 to 200 characters, without spaces, in the header “Idempotency-Key”. The same "
            "key starts one run only."
        )
        raise ApiError(message, code="idempotency_key", status=400)
    return key


def _asked(request: Request, body: dict[str, Any]) -> Asked:
    chosen = {name: body.get(name) for name in ("livemode", "account", "version")}
    return Asked(body.get("inputs", {}), key_in(request), **chosen)


def _not_usable(error: WrongInputs) -> ApiError:
    problems = [
        Problem(f"/inputs/{one.path.replace('.', '/')}", one.code, one.message, field=one.path)
        for one in error.problems
    ]
    return ApiError(_("The request has values that cannot be used."), code="invalid", problems=problems)


def _answer(request: Request, invoked: Invoked) -> Response:
    seconds = preferred_seconds(request.headers.get("Prefer", ""))
    headers = location(request, "run", invoked.run.pk) if invoked.run else {}
    status = 201 if invoked.accepted.created else 200
    if seconds and invoked.run:
        with place_to_wait() as is_free:
            headers |= {"Preference-Applied": f"wait={seconds}"} if is_free else {}
            status = status if await_end(invoked.run, seconds=seconds if is_free else 0) else 202
    return Response(InvokedShape(invoked).data, status=status, headers=headers)
