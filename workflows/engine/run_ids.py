"""The id of a run that matching starts: the same one whenever this workflow meets this event.

A database that is restored from a backup has forgotten the runs of its last hours, and Stripe has not
forgotten what they did. When their events come again, the same ids give the same idempotency keys and the
same metadata, so that nothing is done a second time. Runs that a person starts have ids of their own.
"""

import json
from uuid import UUID, uuid5

from stripeflow.triggers.models import Event

_NAMESPACE = UUID("6c5f7f0e-2f0b-4d55-9f0e-3b8a4f0d9a61")


def run_id_for(seed: str, event: Event) -> UUID:
    """The id of the run that the workflow with this `run_seed`, which is random, starts for `event`."""
    return uuid5(_NAMESPACE, f"{seed}:{event.source}:{event.external_id}{_more(event)}")


def _more(event: Event) -> str:
    """What tells apart the events of one id: account, mode and body, where there is something to tell."""
    identity = [event.account, event.livemode, event.body_digest]
    return json.dumps(identity) if any(identity) else ""
