"""The id of a run that matching starts: always the same for one workflow and one event.

A database restored from a backup has lost the runs of its last hours, but Stripe still has their effects.
When their events come again, the same ids give the same idempotency keys and the same metadata, so nothing
is done twice. Runs that a person starts have random ids.
"""

import json
from uuid import UUID, uuid5

from stripeflow.triggers.models import Event

_NAMESPACE = UUID("6c5f7f0e-2f0b-4d55-9f0e-3b8a4f0d9a61")


def run_id_for(seed: str, event: Event) -> UUID:
    """The id of the run that the workflow with this `run_seed`, which is random, starts for `event`."""
    return uuid5(_NAMESPACE, f"{seed}:{event.source}:{event.external_id}{_more(event)}")


def _more(event: Event) -> str:
    """What distinguishes events of one id: account, mode and body; "" if the id is enough."""
    identity = [event.account, event.livemode, event.body_digest]
    return json.dumps(identity) if any(identity) else ""
