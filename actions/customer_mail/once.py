"""At most one message of a purpose to an address within a period, whichever worker sends it.

Each way to take it is one guarded statement, so of several runs at the same moment one sends. It is taken
before the call. A call that surely sent nothing gives it back; one whose outcome nobody knows keeps it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from stripeflow.actions.context import ActionContext
from stripeflow.actions.customer_mail.addresses import normalized
from stripeflow.actions.database import brief_use
from stripeflow.actions.models import RecentMail

# No period is longer, so older rows tell nothing.
LONGEST = timedelta(days=400)
# As long as a call may take: until then another run may still give it back.
UNDER_WAY = timedelta(minutes=2)


class Taken(Enum):
    """What came of asking: whether this step may send now, and if not, why."""

    NEW = "new"
    # By an earlier attempt of this very step, whose outcome a person has judged.
    AGAIN = "again"
    UNDER_WAY = "under_way"
    ALREADY_SENT = "already_sent"

    @property
    def may_send(self) -> bool:
        return self in (Taken.NEW, Taken.AGAIN)


@dataclass(frozen=True)
class Turn:
    """The turn of one step to write to one address for one purpose."""

    purpose: str
    address: str
    livemode: bool
    account: str
    owner: str

    @classmethod
    def of(cls, context: ActionContext, address: str, purpose: str) -> "Turn":
        """The turn of the step that runs. Without a purpose of its own it is the step's, in all runs."""
        return cls(
            purpose=f"purpose:{purpose}"[:200] if purpose else f"step:{context.step_id}"[:200],
            address=address,
            livemode=context.livemode,
            account=context.account,
            owner=_digest(f"{context.run_id}:{context.step_key}"),
        )

    def take(self, every: timedelta, *, now: datetime | None = None) -> Taken:
        """Take the turn, unless a message of this purpose went to the address since `every` ago."""
        with brief_use():
            return self._take(every, now or timezone.now())

    def confirm(self, *, now: datetime | None = None) -> None:
        """Note that the message was sent."""
        with brief_use():
            self._own().update(sent_at=now or timezone.now())

    def give_back(self) -> None:
        """Let others send: this step, which had its turn for the first time, surely sent nothing."""
        with brief_use():
            self._own().filter(sent_at=None).delete()

    def _take(self, every: timedelta, now: datetime) -> Taken:
        if self._own().update(taken_at=now):
            return Taken.AGAIN
        mine = {"owner": self.owner, "taken_at": now, "sent_at": None}
        if self._rows().filter(taken_at__lte=now - every).update(**mine):
            return Taken.NEW
        try:
            with transaction.atomic():
                RecentMail.objects.create(**self._identity, **mine)
            return Taken.NEW
        except IntegrityError:
            other = self._rows().first()
        if other is None:
            # Given back between the two statements: the next attempt takes it.
            return Taken.UNDER_WAY
        is_open = other.sent_at is None and other.taken_at > now - UNDER_WAY
        return Taken.UNDER_WAY if is_open else Taken.ALREADY_SENT

    @property
    def _identity(self) -> dict[str, object]:
        return {
            "purpose": self.purpose,
            "livemode": self.livemode,
            "account": self.account,
            "digest": _digest(normalized(self.address)),
        }

    def _rows(self) -> QuerySet[RecentMail]:
        return RecentMail.objects.filter(**self._identity)

    def _own(self) -> QuerySet[RecentMail]:
        return self._rows().filter(owner=self.owner)


def old(*, now: datetime | None = None) -> QuerySet[RecentMail]:
    """What no step asks for any more, whatever its period."""
    return RecentMail.objects.filter(taken_at__lt=(now or timezone.now()) - LONGEST)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
