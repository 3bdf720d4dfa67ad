"""What is done to runs, one by one and many at once."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.runs import answer_with_run
from stripeflow.workflows.api.shapes.operations import (
    Bulk,
    BulkChoose,
    BulkResolve,
    BulkResults,
    Choose,
    Operate,
    Resolve,
    StartAgain,
    Wake,
)
from stripeflow.workflows.api.shapes.runs import RunDetail
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import verbs
from stripeflow.workflows.operations.choosing import choose_each
from stripeflow.workflows.operations.resolving import resolve_each
from stripeflow.workflows.operations.verbs import Outcome, Verb

_NAMES = (
    "cancel",
    "retry",
    "release",
    "wake",
    "restart",
    "rerun",
    "resolve",
    "choose",
    "bulk",
    "bulk_resolve",
    "bulk_choose",
)


class RunOperations(ApiViewSet):
    """To let runs act that move money, or change customers, needs a permission of its own for each."""

    access: ClassVar[Access] = {
        **dict.fromkeys(_NAMES, permissions.may_operate_runs),
        "rerun": permissions.may_rerun,
    }

    @documented(
        "runs_cancel",
        summary="Cancel a run",
        request=Operate,
        answer=RunDetail,
        unseen=True,
        errors=(400, 404, 409),
    )
    def cancel(self, request: Request, pk: str) -> Response:
        """A step that is under way ends; its outcome is not awaited, and nothing follows it."""
        return self._perform(request, pk, Verb.CANCEL)

    @documented(
        "runs_retry",
        summary="Go on from the step that failed",
        request=Operate,
        answer=RunDetail,
        unseen=True,
        errors=(400, 404, 409),
    )
    def retry(self, request: Request, pk: str) -> Response:
        """The steps before it keep their outcome. The failed step has a new idempotency key."""
        return self._perform(request, pk, Verb.RETRY)

    @documented(
        "runs_release",
        summary="Let a held run go on",
        request=Operate,
        answer=RunDetail,
        unseen=True,
        errors=(400, 404, 409),
    )
    def release(self, request: Request, pk: str) -> Response:
        """A 409 while its workflow is paused, or all workflows are stopped."""
        return self._perform(request, pk, Verb.RELEASE)

    @documented(
        "runs_wake",
        summary="End the wait of a run",
        request=Wake,
        answer=RunDetail,
        unseen=True,
        errors=(400, 404, 409),
    )
    def wake(self, request: Request, pk: str) -> Response:
        """It goes on now, as if its time were over. A 409 for a run that does not wait for a time."""
        return self._perform(request, pk, Verb.WAKE)

    @documented(
        "runs_restart",
        summary="Run again on the same version",
        request=StartAgain,
        answer=RunDetail,
        unseen=True,
        status=201,
        errors=(400, 404, 409),
    )
    def restart(self, request: Request, pk: str) -> Response:
        """From the first step; every step acts once more. The answer is the new run."""
        return self._perform(request, pk, Verb.RESTART)

    @documented(
        "runs_rerun",
        summary="Run again on the newest version",
        request=StartAgain,
        answer=RunDetail,
        unseen=True,
        status=201,
        errors=(400, 404, 409),
    )
    def rerun(self, request: Request, pk: str) -> Response:
        """From the first step of the active version. The answer is the new run."""
        return self._perform(request, pk, Verb.RERUN)

    @documented(
        "runs_resolve",
        summary="Say what became of an unknown outcome",
        request=Resolve,
        answer=RunDetail,
        unseen=True,
        errors=(400, 404, 409),
    )
    def resolve(self, request: Request, pk: str) -> Response:
        """`happened`: go on with these outputs. `did_not_happen`: the step has failed.

        `again`: the same call again as long as Stripe knows its key, else a new one.
        """
        body = self.body
        said = {"revision": body["revision"], "outputs": body.get("outputs")}
        verbs.resolve(_run(pk), Outcome(body["outcome"]), _act(request, body), **said)
        return answer_with_run(request, pk)

    @documented(
        "runs_choose",
        summary="Choose the branch of an undecided run",
        request=Choose,
        answer=RunDetail,
        unseen=True,
        errors=(400, 404, 409),
    )
    def choose(self, request: Request, pk: str) -> Response:
        """For a run that is held as `undecided`: `branch` is one of its `undecided.branches`."""
        body = self.body
        verbs.choose(_run(pk), body["branch"], _act(request, body), revision=body["revision"])
        return answer_with_run(request, pk)

    @documented("runs_bulk", summary="Do it to many runs", request=Bulk, answer=BulkResults, errors=(400,))
    def bulk(self, request: Request) -> Response:
        """Each run for itself: what is not possible for one is said in its result."""
        body = self.body
        results = list(verbs.perform_each(body["ids"], Verb(body["operation"]), _act(request, body)))
        return Response(BulkResults({"results": results}).data)

    @documented(
        "runs_bulk_resolve",
        summary="Say what became of many unknown outcomes",
        request=BulkResolve,
        answer=BulkResults,
        errors=(400,),
    )
    def bulk_resolve(self, request: Request) -> Response:
        """`happened` has no outputs here. Where later steps need them, the code is `needs_outputs`."""
        body = self.body
        seen = {run["id"]: run["revision"] for run in body["runs"]}
        results = list(resolve_each(seen, Outcome(body["outcome"]), _act(request, body)))
        return Response(BulkResults({"results": results}).data)

    @documented(
        "runs_bulk_choose",
        summary="Choose the branch of many undecided runs",
        request=BulkChoose,
        answer=BulkResults,
        errors=(400,),
    )
    def bulk_choose(self, request: Request) -> Response:
        """Where the step of a run has no branch with this key, the code is `unknown_branch`."""
        body = self.body
        seen = {run["id"]: run["revision"] for run in body["runs"]}
        results = list(choose_each(seen, body["branch"], _act(request, body)))
        return Response(BulkResults({"results": results}).data)

    def _perform(self, request: Request, pk: str, verb: Verb) -> Response:
        run = verbs.perform(_run(pk), verb, _act(request, self.body))
        return answer_with_run(request, run.pk, status=201 if verb in verbs.STARTS_AGAIN else 200)


def _act(request: Request, body: dict[str, Any]) -> Act:
    return Act.of(request, body.get("note", ""), seen_at=body.get("seen_at"))


def _run(pk: str) -> Run:
    return get_object_or_404(Run.objects.select_related("event", "workflow", "version"), pk=pk)
