"""Tells the workflows that listen for it that a run ended: by an event, in the transaction of the end.

Only where somebody listens: a run that nobody waits for costs nothing more. Who listens is read with the run
when a worker takes it, so a workflow that is activated meanwhile hears of the next end.
"""

import logging
from datetime import datetime
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from django.db import Error, transaction
from django.db.models import Max
from django.utils import timezone

from stripeflow.triggers import inbox
from stripeflow.triggers.envelope import Envelope
from stripeflow.workflows import conf
from stripeflow.workflows.definition.finished.setting import ENDS
from stripeflow.workflows.definition.finished.trigger import SOURCE, topic_of
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.display.admin_links import run_url
from stripeflow.workflows.limits.loops import end_key
from stripeflow.workflows.models import Activation, Run
from stripeflow.workflows.states import RunStatus

logger = logging.getLogger(__name__)


def is_end(status: RunStatus) -> bool:
    """Whether a run in this state has ended, or waits for somebody who knows its outcome."""
    return status in ENDS


def is_listened_to() -> bool:
    """Whether an active workflow listens for the ends of others."""
    return Activation.objects.on_ends().exists()


def tell(run_id: UUID) -> None:
    """Accept the events of the end of this run, whose row says how it ended.

    Called in the transaction of the end. What goes wrong with an event does not undo the end, and is logged;
    an error of the database does.
    """
    try:
        with transaction.atomic():
            _accept(Run.objects.select_related("workflow", "version", "event").get(pk=run_id))
    except Error:
        raise
    except Exception:
        logger.exception("workflows.run.end_not_told", extra={"run": str(run_id)})


def _accept(run: Run) -> None:
    topics = {topic_of(run.state), topic_of(run.state, run.workflow_id)}
    heard = Activation.objects.on_ends().filter(topic__in=topics).order_by("topic").values_list("topic")
    for topic, since in heard.annotate(since=Max("started_at")):
        # Never before the activation, which a machine with another clock may have done.
        envelope = _envelope(run, topic, created=max(timezone.now(), since))
        inbox.accept(envelope, _payload(envelope, _held(run)))


def _envelope(run: Run, topic: str, *, created: datetime) -> Envelope:
    """Of a unique identity: each end follows another claim, and a cancellation has a topic of its own."""
    return Envelope(
        external_id=f"{topic}:{run.pk}:{run.claims}",
        type=topic,
        created=created,
        livemode=run.livemode,
        account=run.account,
        object_type="run",
        object_id=run.object_id,
        request_idempotency_key=end_key(run.pk),
        source=SOURCE,
    )


def _payload(envelope: Envelope, held: Json) -> Json:
    """Shaped as Stripe's events are."""
    return {
        "id": envelope.external_id,
        "object": "event",
        "type": envelope.type.partition(":")[0],
        "created": int(envelope.created.timestamp()),
        "livemode": envelope.livemode,
        **({"account": envelope.account} if envelope.account else {}),
        "data": {"object": held},
    }


def _held(run: Run) -> dict[str, Any]:
    """What `WorkflowFinished.known` declares."""
    error = run.error or {}
    path = run_url(run)
    key = error.get("step", "")
    return {
        "run": str(run.pk),
        "workflow": run.workflow.name,
        "workflow_id": run.workflow_id,
        "version": run.version.number,
        "status": run.status,
        "error_message": error.get("message"),
        "error_code": error.get("code"),
        "failed_step": (error.get("step_name") or title_in(run.version.document, key)) if key else None,
        "link": urljoin(conf.get("BASE_URL").rstrip("/") + "/", path) if path else None,
        "duration_seconds": _seconds(run.started_at, run.finished_at),
        "object_id": run.object_id or None,
        "account": run.account or None,
        "livemode": run.livemode,
        "started_at": _stamp(run.started_at),
        "finished_at": _stamp(run.finished_at),
    }


def _seconds(since: datetime | None, until: datetime | None) -> int | None:
    return max(int((until - since).total_seconds()), 0) if since and until else None


def _stamp(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None
