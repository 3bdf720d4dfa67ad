"""Before it runs: test a definition on one event, or on the stored events of some days."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.triggers.costly import turn
from stripeflow.triggers.json_safety import is_storable
from stripeflow.triggers.models import Event
from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.runs import seen_by
from stripeflow.workflows.api.shapes.rehearsals import (
    BackTested,
    ChooseDays,
    Tested,
    TestWorkflow,
    figures_of,
)
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.models import Workflow, WorkflowVersion
from stripeflow.workflows.rehearsal.backtest import Span, backtest
from stripeflow.workflows.rehearsal.drafts import NotRehearsable, Script, script_of
from stripeflow.workflows.rehearsal.payloads import NoEvent
from stripeflow.workflows.rehearsal.trials import Trial, rehearse_event, rehearse_payload, rehearse_sample


class Rehearsals(ApiViewSet):
    access: ClassVar[Access] = {"test": permissions.may_view, "backtest": permissions.may_backtest}

    @documented(
        "workflows_test",
        summary="Test on one event",
        request=TestWorkflow,
        answer=Tested,
        errors=(400, 404, 409, 413),
    )
    def test(self, request: Request, pk: int) -> Response:
        """The way that a run would take, what each condition saw and each action would send. Sends nothing.

        Outputs of steps are made up where no stored event holds the object. A stored event needs the
        permissions to view events and to see payloads.
        """
        script = _script(pk, self.body)
        try:
            trial = _trial(request, script, self.body)
        except NoEvent as error:
            problem = Problem(f"/payload{error.path}", "no_event", str(error), field="payload")
            raise ApiError(str(error), code="invalid", problems=[problem]) from error
        except NotRehearsable as error:
            raise _conflict(error) from error
        # What was sent along, or made up, hides nothing.
        context = seen_by(request) if trial.event else {"payloads": True}
        return Response(Tested(trial, context=context).data)

    @documented(
        "workflows_backtest",
        summary="Back-test on stored events",
        request=ChooseDays,
        answer=BackTested,
        errors=(400, 404, 409),
    )
    def backtest(self, request: Request, pk: int) -> Response:
        """How many events would have started it, and what its refunds would have moved. Starts nothing.

        One at a time for each person: 429 with `Retry-After` while another one is not done.

        It needs the permissions to view events and to see payloads.
        """
        script = _script(pk, self.body)
        try:
            with turn(request.user):
                found = backtest(script, Span.of_days(self.body["days"]))
        except NotRehearsable as error:
            raise _conflict(error) from error
        number = script.version.number if script.version else None
        whose = {"workflow": script.workflow, "version": number}
        return Response(BackTested(whose | figures_of(found, self.body)).data)


def _script(pk: int, body: dict[str, Any]) -> Script:
    workflow = get_object_or_404(Workflow.objects.select_related("active_version"), pk=pk)
    try:
        return script_of(workflow, body.get("version"))
    except WorkflowVersion.DoesNotExist as error:
        raise NotFound from error


def _check_events(request: Request) -> None:
    if not permissions.may_rehearse_events(request.user):
        raise PermissionDenied(_("This needs the permissions to view events and to see payloads."))


def _trial(request: Request, script: Script, body: dict[str, Any]) -> Trial:
    anyway = body.get("anyway", False)
    if "event" in body:
        _check_events(request)
        payloads = permissions.may_see_payloads(request.user)
        return rehearse_event(script, _event(body["event"]), anyway=anyway, payloads=payloads)
    if "payload" in body:
        return rehearse_payload(script, body["payload"], anyway=anyway)
    return rehearse_sample(script, anyway=anyway)


def _event(event_id: str) -> Event:
    found = Event.objects.called(event_id).first() if is_storable(event_id) else None
    if found is None:
        raise NotFound
    return found


def _conflict(error: NotRehearsable) -> ApiError:
    return ApiError(str(error), code="not_allowed", status=409)
