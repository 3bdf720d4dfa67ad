"""Caps on refunds of one day (UTC): by one workflow, and by the whole installation.

The workflow's cap is for each account and mode by itself. That of the installation is for each mode, and for
all accounts together. Test mode never counts against live mode.

A share is reserved before the call, by an update that lands only below the cap, so racing workers
cannot pass it. A step that fails for good releases its share.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions.errors import PermanentError
from stripeflow.actions.money import format_minor
from stripeflow.actions.wording import worded
from stripeflow.triggers.account_mode import EVERY_ACCOUNT, AccountMode
from stripeflow.workflows import conf, lending
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.models.limits import Reservation, Spending

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
        """The two counts that it is part of: the installation's, and the workflow's."""
        together = self.whose._replace(account=EVERY_ACCOUNT)._asdict()
        return (
            {"scope": INSTALLATION, **together},
            {"scope": scope_of(self.workflow.pk), **self.whose._asdict()},
        )


@dataclass
class Share:
    """The `reserve` function that an action gets for one call; `is_taken` once it has reserved or waived.

    The first parameter of `reserve` and its idempotency key are known here.
    """

    spender: Spender
    key: str
    is_taken: bool = False

    def __call__(self, *, amount: int, currency: str, made_at: float | None = None) -> None:
        """Take it: see `reserve`."""
        with lending.briefly():
            reserve(self.spender, self.key, amount=amount, currency=currency, made_at=made_at)
        self.is_taken = True

    def waive(self) -> None:
        """Note that the call moves nothing, so that there is nothing to take."""
        self.is_taken = True


def reserve(spender: Spender, key: str, *, amount: int, currency: str, made_at: float | None = None) -> None:
    """Take `amount` (minor units) from today's caps for the call with this idempotency key, once.

    The caps are those of this moment, and nobody lowers one before the share is taken. Raises
    `PermanentError`, and takes nothing then, if a cap of this currency would be passed (`cap_reached`), if
    there is none and the settings want one (`no_cap`), and for what is a defect of the action: an amount that
    is none (`no_amount`), or more than the same call has taken (`reserved_differently`).

    What was given back at `made_at` (Unix seconds) counts for that day, also above the caps, unless it is
    counted: a restored backup has forgotten it.
    """
    _check_amount(amount)
    currency = currency.lower()
    if made_at is not None:
        day = datetime.fromtimestamp(made_at, UTC).date()
        _count(spender, key, amount=amount, currency=currency, day=day)
        return
    today = timezone.now().date()
    with transaction.atomic():
        try:
            with transaction.atomic():
                Reservation.objects.create(
                    key=key, day=today, currency=currency, amount=amount, **_columns(spender)
                )
        except IntegrityError:
            _check_same(key, amount, currency)
            return
        own, everything = _caps_held(spender.workflow.pk)
        _check_has_cap(currency, own, everything)
        of_all, of_one = ({**share, "day": today, "currency": currency} for share in spender.shares)
        _take(of_all, amount, everything.get(currency), _("of the whole installation"))
        _take(of_one, amount, own.get(currency), _("of this workflow"))


def caps_of(workflow_id: int) -> tuple[dict[str, int], dict[str, int]]:
    """The caps of the workflow and of the installation as they are now, by currency."""
    return _own_caps(Workflow.objects.filter(pk=workflow_id)), conf.get("REFUND_CAPS_PER_DAY")


def _caps_held(workflow_id: int) -> tuple[dict[str, int], dict[str, int]]:
    """The same, locked until the transaction ends: a change of a cap waits, and then holds for all."""
    rows = Workflow.objects.select_for_update(no_key=True).filter(pk=workflow_id)
    return _own_caps(rows), conf.get("REFUND_CAPS_PER_DAY")


def _own_caps(rows: QuerySet[Workflow]) -> dict[str, int]:
    return rows.values_list("refund_caps", flat=True).get()


def is_limited(workflow_id: int) -> bool:
    """Whether any limit applies to the workflow's refunds, so that all of them have to be counted."""
    return refuses_without_cap() or any(caps_of(workflow_id))


def refuses_without_cap() -> bool:
    """Whether refunds in a currency without a cap are refused."""
    return conf.get("REFUNDS_WITHOUT_CAP") == "refuse"


def _check_amount(amount: object) -> None:
    if isinstance(amount, int) and not isinstance(amount, bool) and amount >= 1:
        return
    message = _(
        "The action reserves %(amount)s, which is no amount of money. Its developer has to reserve a whole "
        "number of minor units, 1 or more, before it moves them."
    )
    raise PermanentError(worded(message, amount=amount), code="no_amount")


def _check_same(key: str, amount: int, currency: str) -> None:
    """Return if the call has already reserved as much; a repeat may ask for less of a charge's rest."""
    taken = Reservation.objects.get(key=key)
    if taken.currency == currency and amount <= taken.amount:
        return
    message = _(
        "This call has reserved %(taken)s, and now the action asks for %(asked)s. It was not sent. Its "
        "developer has to reserve once for each call, and no less than it moves."
    )
    shown = worded(
        message, taken=format_minor(taken.amount, taken.currency), asked=format_minor(amount, currency)
    )
    raise PermanentError(shown, code="reserved_differently")


def _check_has_cap(currency: str, own: dict[str, int], everything: dict[str, int]) -> None:
    if currency in own or currency in everything or not refuses_without_cap():
        return
    message = _(
        "There is no daily limit in %(currency)s, and this installation refuses what has none. "
        "It was not sent. Set a limit for this currency on the workflow's page, then retry the run."
    )
    raise PermanentError(worded(message, names={"currency": currency.upper()}), code="no_cap")


def _columns(spender: Spender) -> dict[str, object]:
    return {"workflow": spender.workflow, **spender.whose._asdict()}


def _count(spender: Spender, key: str, *, amount: int, currency: str, day: date) -> None:
    step = key.rpartition(":")[0]
    with transaction.atomic():
        # Whichever group of the step made the call, it reserved the share then.
        if Reservation.objects.filter(key__startswith=f"{step}:").exists():
            return
        when = {"day": day, "currency": currency}
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


def _take(share: dict[str, Any], amount: int, cap: int | None, whose: str) -> None:
    Spending.objects.get_or_create(**share)
    rows = Spending.objects.filter(**share)
    if cap is not None:
        rows = rows.filter(amount__lte=cap - amount)
    if rows.update(amount=F("amount") + amount):
        return
    currency = str(share["currency"])
    message = _(
        "Moving %(amount)s would pass the daily limit %(whose)s, %(cap)s. It was not sent. "
        "Raise the limit, or retry the run tomorrow."
    )
    names = {"whose": whose, "cap": format_minor(cap or 0, currency)}
    sentence = worded(message, names=names, amount=format_minor(amount, currency))
    raise PermanentError(sentence, code="cap_reached")
