"""Events that are for one workflow only, such as a tick of its schedule: how one is accepted."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from stripeflow.triggers import inbox
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.envelope import Envelope
from stripeflow.triggers.inbox import Accepted
from stripeflow.triggers.widths import fitted
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import Plan
from stripeflow.workflows.definition.scope_words import refusal_sentence
from stripeflow.workflows.models import WorkflowVersion
from stripeflow.workflows.versions.plans import plan_of


class NotAddressable(Exception):
    """No event can be made for the workflow. The message is a sentence."""


@dataclass(frozen=True)
class Occurrence:
    """What happened, for one workflow. `created` is aware; `held` is what its trigger reads.

    `identity` says which one of the workflow it is: the same again, of the same side, is a copy of the event.
    Without a `side` it is of the one mode and account that the trigger's scope leaves. `about` is the Stripe
    id of what it is about, for lists and searches. `cause` is the idempotency key of the step that causes it.
    """

    identity: str
    created: datetime
    held: Json = field(default_factory=dict)
    side: AccountMode | None = None
    about: str = ""
    cause: str = ""


def accept_for(version: WorkflowVersion, occurrence: Occurrence) -> Accepted:
    """Accept the event by the version's trigger, for its workflow. It starts a run if the workflow is active.

    It may be called again, by another process as well: then `Accepted.created` is false, and nothing starts.
    Raises `NotAddressable`.
    """
    plan = plan_of(version.pk)
    envelope = _envelope(version, plan, occurrence)
    return inbox.accept(envelope, _payload(envelope, plan, occurrence.held))


def record_for(version: WorkflowVersion, occurrence: Occurrence) -> Accepted:
    """Store the same event, but start nothing: the caller does. Raises `NotAddressable`."""
    plan = plan_of(version.pk)
    envelope = _envelope(version, plan, occurrence)
    return inbox.record(envelope, _payload(envelope, plan, occurrence.held))


def external_id_of(workflow_id: int, identity: str) -> str:
    """What the event of this occurrence is called. Two workflows may give theirs the same identity."""
    return fitted(f"{workflow_id}:{identity}")


def _envelope(version: WorkflowVersion, plan: Plan, occurrence: Occurrence) -> Envelope:
    topic, side = _topic(plan, version.workflow_id), _side(plan, occurrence.side)
    return Envelope(
        external_id=external_id_of(version.workflow_id, occurrence.identity),
        type=topic,
        created=occurrence.created,
        livemode=side.livemode,
        account=side.account,
        object_id=occurrence.about,
        request_idempotency_key=occurrence.cause,
        source=plan.trigger.source,
    )


def _topic(plan: Plan, workflow_id: int) -> str:
    if not plan.trigger.is_addressed or not plan.trigger.topics:
        raise NotAddressable(_("The trigger of this workflow does not start it in this way."))
    return plan.trigger.topics_for(workflow_id)[0]


def _side(plan: Plan, given: AccountMode | None) -> AccountMode:
    side = given or plan.scope.only
    if side is None:
        raise NotAddressable(_("The trigger takes events of several modes or accounts. Choose one of each."))
    if refusal := plan.scope.refusal(livemode=side.livemode, account=side.account):
        raise NotAddressable(refusal_sentence(refusal, side.account))
    return side


def _payload(envelope: Envelope, plan: Plan, held: Json) -> Json:
    """Shaped as Stripe's events are. The type is the trigger's, which knows no workflow."""
    return {
        "id": envelope.external_id,
        "object": "event",
        "type": plan.trigger.topics[0],
        "created": int(envelope.created.timestamp()),
        "livemode": envelope.livemode,
        **({"account": envelope.account} if envelope.account else {}),
        "data": {"object": held},
    }
