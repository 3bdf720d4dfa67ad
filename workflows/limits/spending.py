"""Caps on the money of one day (UTC): by one workflow, and by the whole installation, each of them for all
customers together and for each single one.

The workflow's caps are for each account and mode by themselves. That of the installation is for each mode,
and for all accounts together; that for one customer is for the account that has the customer. Test mode never
counts against live mode.

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
# The same for each customer; `customers_of` gives that of one workflow.
CUSTOMERS = "customers"


def scope_of(workflow_id: int) -> str:
    """The scope under which a workflow's own spending is counted."""
    return f"workflow:{workflow_id}"


def customers_of(workflow_id: int) -> str:
    """The scope under which a workflow's spending for each customer is counted."""
    return f"{scope_of(workflow_id)}:{CUSTOMERS}"


@dataclass(frozen=True)
class DailyCaps:
    """The caps that hold for a workflow, each by currency in minor units.

    `one_` and `every_` say for whom: for each customer by itself, or for everybody together.
    """

    every_of_workflow: dict[str, int]
    every_of_all: dict[str, int]
    one_of_workflow: dict[str, int]
    one_of_all: dict[str, int]

    def __bool__(self) -> bool:
        return any((self.every_of_workflow, self.every_of_all, self.one_of_workflow, self.one_of_all))


@dataclass(frozen=True)
class Spender:
    """A workflow that acts for one account and mode."""

    workflow: Workflow
    whose: AccountMode

    def shares(self, customer: str | None) -> tuple[dict[str, object], ...]:
        """The counts that it is part of: the installation's, the workflow's, and those of the customer."""
        together, own = self.whose._replace(account=EVERY_ACCOUNT)._asdict(), self.whose._asdict()
        workflow = self.workflow.pk
        for_all = (
            {"scope": INSTALLATION, **together, "customer": ""},
            {"scope": scope_of(workflow), **own, "customer": ""},
        )
        if not customer:
            return for_all
        return (
            *for_all,
            {"scope": CUSTOMERS, **own, "customer": customer},
            {"scope": customers_of(workflow), **own, "customer": customer},
        )


@dataclass
class Share:
    """The `reserve` function that an action gets for one call; `is_taken` once it has reserved or waived.

    The first parameter of `reserve` and its idempotency key are known here.
    """

    spender: Spender
    key: str
    is_taken: bool = False

    def __call__(
        self, *, amount: int, currency: str, made_at: float | None = None, customer: str | None = ""
    ) -> None:
        """Take it: see `reserve`."""
        with lending.briefly():
            reserve(
                self.spender,
                self.key,
                amount=amount,
                currency=currency,
                made_at=made_at,
                customer=customer,
            )
        self.is_taken = True

    def waive(self) -> None:
        """Note that the call moves nothing, so that there is nothing to take."""
        self.is_taken = True


def reserve(
    spender: Spender,
    key: str,
    *,
    amount: int,
    currency: str,
    made_at: float | None = None,
    customer: str | None = "",
) -> None:
    """Take `amount` (minor units) from today's caps for the call with this idempotency key, once.

    `customer` is the id of the Stripe customer whose money it is: "" if that is not known, None for money of
    no customer, such as a payout.

    The caps are those of this moment, and nobody lowers one before the share is taken. Raises
    `PermanentError`, and takes nothing then, if a cap of this currency would be passed (`cap_reached`), if
    there is none and the settings want one (`no_cap`), if there is one for each customer and it is not known
    which one it is (`no_customer`), and for what is a defect of the action: an amount that is none
    (`no_amount`), or more than the same call has taken (`reserved_differently`).

    What was given back at `made_at` (Unix seconds) counts for that day, also above the caps, unless it is
    counted: a restored backup has forgotten it.
    """
    _check_amount(amount)
    currency = currency.lower()
    if made_at is not None:
        day = datetime.fromtimestamp(made_at, UTC).date()
        _count(spender, key, amount=amount, currency=currency, day=day, customer=customer or "")
        return
    today = timezone.now().date()
    with transaction.atomic():
        try:
            with transaction.atomic():
                Reservation.objects.create(
                    key=key,
                    day=today,
                    currency=currency,
                    amount=amount,
                    customer=customer or "",
                    **_columns(spender),
                )
        except IntegrityError:
            _check_same(key, amount, currency)
            return
        caps = _caps_held(spender.workflow.pk)
        _check_has_cap(currency, caps)
        if customer == "":
            _check_needs_no_customer(currency, caps)
        # All of them in this order, so that two calls wait for each other and never lock each other out.
        limits = (
            (caps.every_of_all, _("of the whole installation")),
            (caps.every_of_workflow, _("of this workflow")),
            (caps.one_of_all, _("for one customer, of all workflows")),
            (caps.one_of_workflow, _("for one customer, of this workflow")),
        )
        for share, (limit, whose) in zip(spender.shares(customer), limits, strict=False):
            _take({**share, "day": today, "currency": currency}, amount, limit.get(currency), whose)


def caps_of(workflow_id: int) -> DailyCaps:
    """The caps of the workflow and of the installation as they are now."""
    return _caps(Workflow.objects.filter(pk=workflow_id))


def _caps_held(workflow_id: int) -> DailyCaps:
    """The same, locked until the transaction ends: a change of a cap waits, and then holds for all."""
    return _caps(Workflow.objects.select_for_update(no_key=True).filter(pk=workflow_id))


def _caps(rows: QuerySet[Workflow]) -> DailyCaps:
    every, one = rows.values_list("refund_caps", "customer_caps").get()
    return DailyCaps(every, conf.get("REFUND_CAPS_PER_DAY"), one, conf.get("CUSTOMER_CAPS_PER_DAY"))


def is_limited(workflow_id: int) -> bool:
    """Whether any limit applies to the workflow's money, so that all of it has to be counted."""
    return refuses_without_cap() or bool(caps_of(workflow_id))


def refuses_without_cap() -> bool:
    """Whether refunds in a currency without a cap are refused."""
    return conf.get("REFUNDS_WITHOUT_CAP") == "refuse"


def refuses_without_customer(workflow_id: int) -> bool:
    """Whether money of an unknown customer is refused, since there is a limit for one customer."""
    caps = caps_of(workflow_id)
    return conf.get("MONEY_WITHOUT_CUSTOMER") == "refuse" and bool(caps.one_of_workflow or caps.one_of_all)


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


def _check_has_cap(currency: str, caps: DailyCaps) -> None:
    is_capped = currency in caps.every_of_workflow or currency in caps.every_of_all
    if is_capped or not refuses_without_cap():
        return
    message = _(
        "There is no daily limit in %(currency)s, and this installation refuses what has none. "
        "It was not sent. Set a limit for this currency on the workflow's page, then retry the run."
    )
    raise PermanentError(worded(message, names={"currency": currency.upper()}), code="no_cap")


def _check_needs_no_customer(currency: str, caps: DailyCaps) -> None:
    is_capped = currency in caps.one_of_workflow or currency in caps.one_of_all
    if not is_capped or conf.get("MONEY_WITHOUT_CUSTOMER") == "count":
        return
    message = _(
        "There is a daily limit for one customer in %(currency)s, and it is not known which customer this "
        "is for. It was not sent. Do it in Stripe by hand, or set MONEY_WITHOUT_CUSTOMER to “count”, then "
        "retry the run."
    )
    raise PermanentError(worded(message, names={"currency": currency.upper()}), code="no_customer")


def _columns(spender: Spender) -> dict[str, object]:
    return {"workflow": spender.workflow, **spender.whose._asdict()}


def _count(spender: Spender, key: str, *, amount: int, currency: str, day: date, customer: str) -> None:
    step = key.rpartition(":")[0]
    with transaction.atomic():
        # Whichever group of the step made the call, it reserved the share then.
        if Reservation.objects.filter(key__startswith=f"{step}:").exists():
            return
        when = {"day": day, "currency": currency}
        taken = {"amount": amount, **when, "customer": customer, **_columns(spender)}
        if not Reservation.objects.get_or_create(key=key, defaults=taken)[1]:
            return
        for share in spender.shares(customer):
            _take({**share, **when}, amount, None, "")


def give_back(key: str) -> None:
    """Return the share of a call that did nothing, if there is one."""
    with transaction.atomic():
        taken = Reservation.objects.select_for_update().filter(key=key).first()
        if taken is None or not Reservation.objects.filter(pk=taken.pk).delete()[0]:
            return
        for share in Spender(taken.workflow, AccountMode.of(taken)).shares(taken.customer):
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
