"""Caps on what is given back on one day (UTC): by one workflow, and by the whole installation.

The workflow's cap is for each account and mode by itself. That of the installation is for each mode, and for
all accounts together. Test mode never counts against live mode.

A share is taken before the call, by an update that lands only below the cap, so that workers that
race can not pass it. A step that fails for good gives its share back.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.errors import PermanentError
from actions.money import format_minor
from actions.wording import worded
from triggers.account_mode import EVERY_ACCOUNT, AccountMode
from workflows import conf
from workflows.models import Workflow
from workflows.models.limits import Reservation, Spending

# The scope of all workflows together; `scope_of` gives that of one.
INSTALLATION = "installation"


def scope_of(workflow_id: int) -> str:
    """The scope under which a workflow's own spending is counted."""
    return f"workflow:{workflow_id}"


@dataclass(frozen=True)
class Spender:
    """A workflow that acts for one account and mode."""

    workflow: Workflow
    whose: AccountMode

    @property
    def shares(self) -> tuple[dict[str, object], dict[str, object]]:
        """What is counted together with it: in the installation, and in the workflow."""
        together = self.whose._replace(account=EVERY_ACCOUNT)._asdict()
        return (
            {"scope": INSTALLATION, **together},
            {"scope": scope_of(self.workflow.pk), **self.whose._asdict()},
        )


def reserve(spender: Spender, key: str, *, amount: int, currency: str, made_at: float | None = None) -> None:
    """Take `amount` (minor units) from today's caps for the call with this idempotency key, once.

    Raises `PermanentError` (`cap_reached`) if a cap of this currency would be passed; nothing is
    taken then. What was given back at `made_at` (Unix seconds) counts for that day, also above the caps,
    unless it is counted: a restored backup has forgotten it.
    """
    if made_at is not None:
        day = datetime.fromtimestamp(made_at, UTC).date()
        _count(spender, key, amount=amount, currency=currency, day=day)
        return
    currency = currency.lower()
    today = timezone.now().date()
    with transaction.atomic():
        try:
            with transaction.atomic():
                Reservation.objects.create(
                    key=key, day=today, currency=currency, amount=amount, **_columns(spender)
                )
        except IntegrityError:
            return
        of_all, of_one = ({**share, "day": today, "currency": currency} for share in spender.shares)
        everything = conf.get("REFUND_CAPS_PER_DAY").get(currency)
        _take(of_all, amount, everything, _("of the whole installation"))
        own = spender.workflow.refund_caps.get(currency)
        _take(of_one, amount, own, _("of this workflow"))


def _columns(spender: Spender) -> dict[str, object]:
    return {"workflow": spender.workflow, **spender.whose._asdict()}


def _count(spender: Spender, key: str, *, amount: int, currency: str, day: date) -> None:
    step = key.rpartition(":")[0]
    with transaction.atomic():
        # Whichever group of the step made it, its share was taken then.
        if Reservation.objects.filter(key__startswith=f"{step}:").exists():
            return
        when = {"day": day, "currency": currency.lower()}
        taken = {"amount": amount, **when, **_columns(spender)}
        if not Reservation.objects.get_or_create(key=key, defaults=taken)[1]:
            return
        for share in spender.shares:
            _take({**share, **when}, amount, None, "")


def give_back(key: str) -> None:
    """Return the share of a call that did nothing, if there is one."""
    with transaction.atomic():
        taken = Reservation.objects.select_for_update().filter(key=key).first()
        if taken is None or not Reservation.objects.filter(pk=taken.pk).delete()[0]:
            return
        for share in Spender(taken.workflow, AccountMode.of(taken)).shares:
            rows = Spending.objects.filter(**share, day=taken.day, currency=taken.currency)
            rows.update(amount=F("amount") - taken.amount)


def _take(share: dict[str, object], amount: int, cap: int | None, whose: str) -> None:
    Spending.objects.get_or_create(**share)
    rows = Spending.objects.filter(**share)
    if cap is not None:
        rows = rows.filter(amount__lte=cap - amount)
    if rows.update(amount=F("amount") + amount):
        return
    currency = str(share["currency"])
    message = _(
        "The refund of %(amount)s would pass the daily limit %(whose)s, %(cap)s. It was not sent. "
        "Raise the limit, or retry the run tomorrow."
    )
    names = {"whose": whose, "cap": format_minor(cap or 0, currency)}
    told = worded(message, names=names, amount=format_minor(amount, currency))
    raise PermanentError(told, code="cap_reached")
