"""What a run waits for, as rows: written before anybody looks, and deleted when the run goes on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from stripeflow.triggers.widths import fitted
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.cancel_when import cancel_events
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.scope import is_own, own_accounts
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.models import Awaited, AwaitedType, Run

# In place of a step's path: whichever step the run is at.
WHOLE = ""


@dataclass(frozen=True)
class Wanted:
    """One alternative: events of a type, of any object, or of the one with this id."""

    lane: str
    event_type: str
    same_as: str = ""
    object_id: str = ""


def register_types(document: Json) -> None:
    """Have events of the types that a version waits for looked at. Its transaction makes the version."""
    types = {one for place in steps(document) for one in kinds.of(place.step).awaits(place.step)}
    types |= {one.event_type for one in cancel_events(document["trigger"])}
    new = [AwaitedType(type=fitted(one)) for one in sorted(types)]
    AwaitedType.objects.bulk_create(new, ignore_conflicts=True)


def wait_for(
    run: Run, path: str, wanted: Iterable[Wanted], *, since: datetime, until: datetime
) -> list[Awaited]:
    """Write what the run waits for at this step, and return the rows. Rows that are there stay as they are.

    Only `until` may change: a person may have ended the wait.
    """
    rows = [
        Awaited(
            run=run,
            path=path,
            lane=one.lane,
            event_type=fitted(one.event_type),
            livemode=run.livemode,
            account=side_of(run.account),
            same_as=one.same_as,
            object_id=fitted(one.object_id),
            since=since,
            until=until,
        )
        for one in wanted
    ]
    Awaited.objects.bulk_create(rows, ignore_conflicts=True)
    found = list(of(run, path).order_by("pk"))
    if any(row.until != until for row in found):
        of(run, path).update(until=until)
        for row in found:
            row.until = until
    return found


def of(run: Run, path: str) -> QuerySet[Awaited]:
    """What the run waits for at this step."""
    return Awaited.objects.filter(run=run, path=path)


def note_look(rows: Sequence[Awaited]) -> None:
    """From now on only events that come later have to be looked at."""
    fresh = [row.pk for row in rows if row.looked_at is None]
    if fresh:
        Awaited.objects.filter(pk__in=fresh).update(looked_at=timezone.now())


def side_of(account: str) -> str:
    """The account as rows have it: "" for our own, by whatever id an event names it."""
    return "" if is_own(account) else account


def of_side(account: str) -> Q:
    """The events of an account as rows have it."""
    return Q(account=account) if account else Q(account__in=["", *own_accounts()])
