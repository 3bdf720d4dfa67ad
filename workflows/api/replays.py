"""Replays: stored events on a version that a person names, after a preview."""

import logging
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import Operation, check
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.errors import ApiError
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.runs import seen_by
from stripeflow.workflows.api.shapes.replays import ChooseEvents, ReplayDone, ReplayPreview, StartReplay
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.operations import replay
from stripeflow.workflows.operations.replay import NotReplayable
from stripeflow.workflows.operations.replay_choice import Choice, Chosen, choose
from stripeflow.workflows.operations.replay_outcomes import Outcome

logger = logging.getLogger(__name__)


class Replays(ApiViewSet):
    access: ClassVar[Access] = dict.fromkeys(("preview", "start"), permissions.may_replay)

    @documented(
        "replays_preview",
        summary="Preview a replay",
        request=ChooseEvents,
        answer=ReplayPreview,
        errors=(400, 409),
    )
    def preview(self, request: Request) -> Response:
        """What the workflow would make of stored events, whenever they were created. Starts nothing."""
        chosen = _chosen(self.body)
        judged = replay.preview(chosen.events, chosen.version, again=self.body.get("again", False))
        would = sum(one.outcome is Outcome.WOULD_START for one in judged)
        shape = {**vars(chosen), "would_start": would, "results": judged}
        return Response(ReplayPreview(shape, context=seen_by(request)).data)

    @documented(
        "replays_start",
        summary="Replay events",
        request=StartReplay,
        answer=ReplayDone,
        status=201,
        errors=(400, 409),
    )
    def start(self, request: Request) -> Response:
        """Each event is judged again, and its run is started in a transaction of its own.

        May be repeated: what was started is left alone the next time. A version that moves money needs a
        permission of its own, and one that changes customers another one.
        """
        body = self.body
        chosen = _chosen(body)
        check(request.user, Operation.REPLAY, [chosen.version.document])
        act = Act.of(request, body.get("note", ""), seen_at=body.get("seen_at"))
        done = replay.execute(chosen.events, chosen.version, act=act, again=body.get("again", False))
        extra = {
            "workflow": chosen.version.workflow_id,
            "started": len(done.started),
            "user": request.user.pk,
        }
        logger.info("workflows.api.replayed", extra=extra)
        shape = {**vars(chosen), "started": done.started, "left": done.left}
        return Response(ReplayDone(shape, context=seen_by(request)).data, status=201)


def _chosen(body: dict[str, Any]) -> Chosen:
    names = {name: body[name] for name in ("since", "until", "limit") if name in body}
    choice = Choice(body["workflow"], body.get("version"), ids=tuple(body.get("events", ())), **names)
    try:
        return choose(choice)
    except NotReplayable as error:
        raise ApiError(str(error), code="not_allowed", status=409) from error
