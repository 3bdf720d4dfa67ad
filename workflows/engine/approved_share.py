"""Above the amounts of `APPROVE_ABOVE`, money moves only once people have approved it.

Every action that moves money reserves its amount right before it does. So this is asked there, with the exact
amount, and no author of a workflow can leave it out. An approval of an *Approval* step counts as well, if
people saw the amount.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.errors import NeedsApproval, PermanentError
from stripeflow.actions.money import format_minor
from stripeflow.actions.wording import worded
from stripeflow.workflows import conf, lending
from stripeflow.workflows.approvals.asking import Question, Terms, ask, make_void, settled
from stripeflow.workflows.approvals.people import has_enough, requesters
from stripeflow.workflows.approvals.would import Would, digest_of
from stripeflow.workflows.definition.plan import ActionPlan
from stripeflow.workflows.engine.approving import ENDED, is_used_elsewhere, is_valid, refused, spent_at
from stripeflow.workflows.limits.spending import Share
from stripeflow.workflows.models import Approval, Run, StepRun
from stripeflow.workflows.models.approval import ApprovalStatus, Cause
from stripeflow.workflows.models.limits import Reservation


@dataclass
class ApprovedShare(Share):
    """The `reserve` function of one call of `step`: it asks people first, where the amount asks for that."""

    run: Run = field(kw_only=True)
    step: ActionPlan = field(kw_only=True)
    record: StepRun = field(kw_only=True)

    def __call__(
        self, *, amount: int, currency: str, made_at: float | None = None, customer: str | None = ""
    ) -> None:
        """Take it: see `spending.reserve`. Raises `NeedsApproval` while people are asked.

        Raises `PermanentError` if they have declined, if nobody has decided in time, or if nobody may.
        """
        if made_at is None and is_above(amount, currency):
            with lending.briefly():
                # The same call may have been sent before, once it was approved: it cannot act twice.
                if not Reservation.objects.filter(key=self.key).exists():
                    self._check(Asked(amount, currency.lower()))
        super().__call__(amount=amount, currency=currency, made_at=made_at, customer=customer)

    def _check(self, asked: "Asked") -> None:
        given = self.run.approvals.filter(status=ApprovalStatus.APPROVED)
        if any(self._approves(one, asked) for one in given):
            return
        own = Approval.objects.at(self.run.pk, self.record.path, cause=Cause.AMOUNT)
        if own is not None:
            own = settled(own)
            if self._approves(own, asked):
                return
            if own.state in ENDED and not self._is_of_earlier_try(own):
                error = refused(own)
                raise PermanentError(worded(error["message"]), code=error["code"])
            make_void(own)
        self._ask(asked)

    def _approves(self, approval: Approval, asked: "Asked") -> bool:
        """Whether people have approved this call with no less than this amount, and saw the amount."""
        spent = spent_at(self.run, self.record.path) if self.record.group > 1 else None
        # An approval within a loop is for its item.
        prefix = approval.path[: approval.path.rfind("/") + 1]
        if not is_valid(approval, spent) or not self.record.path.startswith(prefix):
            return False
        if is_used_elsewhere(approval, self.step.key, self.record.path):
            return False
        digest = digest_of(self.step, self.record.inputs or {})
        return any(
            one["key"] == self.step.key
            and one["digest"] == digest
            and one["currency"] == asked.currency
            and one["amount"] is not None
            and asked.amount <= one["amount"]
            for one in approval.would
        )

    def _is_of_earlier_try(self, approval: Approval) -> bool:
        """Whether people said so to an earlier try, which a person has retried since."""
        earlier = self.run.steps.filter(path=self.record.path, group__lt=self.record.group).order_by("group")
        ended: datetime | None = earlier.values_list("finished_at", flat=True).last()
        return bool(ended and approval.ended_at and approval.ended_at <= ended)

    def _ask(self, asked: "Asked") -> None:
        if not has_enough(self.run.version.document, (), (), 1, but=requesters(self.run)):
            raise PermanentError(worded(_nobody()), code="approval_nobody")
        approval = ask(self.run, self.record.path, self.step.key, self._question(asked), Terms())
        message = _("It would move %(amount)s. That has to be approved first. Nothing was done yet.")
        left = (approval.due_at - timezone.now()).total_seconds()
        shown = worded(message, amount=asked.text)
        raise NeedsApproval(shown, retry_after=max(left, 0.0))

    def _question(self, asked: "Asked") -> Question:
        action = registry.find_for(self.step.action, self.step.inputs)
        assert action is not None  # noqa: S101  it is under way
        would = Would.of(self.step, action, self.record.inputs or {})
        limit = limit_of(asked.currency)
        text = (
            _("%(step)s: move %(amount)s? Above %(limit)s, somebody has to approve it.")
            if limit
            else _("%(step)s: move %(amount)s? Somebody has to approve every amount of this currency.")
        ) % {
            "step": would.title,
            "amount": asked.text,
            "limit": format_minor(limit or 0, asked.currency),
        }
        return Question(text, (would.with_amount(asked.amount, asked.currency),), Cause.AMOUNT)


@dataclass(frozen=True)
class Asked:
    """An amount in minor units of a currency."""

    amount: int
    currency: str

    @property
    def text(self) -> str:
        """The amount in words."""
        return format_minor(self.amount, self.currency)


def limit_of(currency: str) -> int | None:
    """Above which amount of this currency people have to approve; None for any amount without.

    If the setting names some currencies and not this one, they approve every amount of it, unless it says
    otherwise: a currency that nobody thought of is no way around.
    """
    found: dict[str, int | None] = conf.get("APPROVE_ABOVE")
    if not found:
        return None
    return found.get(currency.lower(), found.get(conf.OTHER_CURRENCIES, 0))


def is_above(amount: int, currency: str) -> bool:
    """Whether people have to approve that so much moves."""
    limit = limit_of(currency)
    return limit is not None and amount > limit


def _nobody() -> str:
    return _(
        "The amount is above the one from which somebody has to approve it, and nobody is left who may. Give "
        "more people the permission “Can decide on approvals”, then retry the run. Nobody decides on their "
        "own request."
    )
