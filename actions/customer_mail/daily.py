"""How many messages may go to customers in one day (UTC), from the whole installation in one mode.

A place is taken before the call, by an update that lands only below the limit, so racing workers cannot pass
it. A call that surely sent nothing gives it back.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions import conf
from stripeflow.actions.database import brief_use
from stripeflow.actions.errors import PermanentError
from stripeflow.actions.models import MailCount
from stripeflow.actions.wording import worded


@dataclass(frozen=True)
class Place:
    """One place among the messages of a day."""

    day: date
    livemode: bool

    def give_back(self) -> None:
        with brief_use():
            rows = MailCount.objects.filter(day=self.day, livemode=self.livemode, used__gt=0)
            rows.update(used=F("used") - 1)


def take_place(*, livemode: bool, now: datetime | None = None) -> Place:
    """Take a place of today. Raises `PermanentError` (`mail_cap_reached`) if none is left."""
    day, limit = (now or timezone.now()).date(), conf.get("CUSTOMER_EMAILS_PER_DAY")
    with brief_use():
        if limit > 0 and _is_taken(day, livemode, limit):
            return Place(day, livemode)
    message = _(
        "This installation sends at most %(limit)d e-mails to customers in a day, and today's are used up. "
        "It was not sent. Raise CUSTOMER_EMAILS_PER_DAY in the settings, or retry the run tomorrow."
    )
    raise PermanentError(worded(message, names={"limit": limit}), code="mail_cap_reached")


def forget(*, before: datetime) -> None:
    """Delete the counts of the days before that time."""
    MailCount.objects.filter(day__lt=before.date()).delete()


def _is_taken(day: date, livemode: bool, limit: int) -> bool:
    rows = MailCount.objects.filter(day=day, livemode=livemode)
    free = rows.filter(used__lt=limit)
    if free.update(used=F("used") + 1):
        return True
    if rows.exists():
        # Another worker may have begun the day between the two statements.
        return bool(free.update(used=F("used") + 1))
    try:
        with transaction.atomic():
            MailCount.objects.create(day=day, livemode=livemode, used=1)
    except IntegrityError:
        return bool(free.update(used=F("used") + 1))
    return True
