"""What a retry of a failed loop would take again, and what its run has moved in money so far."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.money import format_minor
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.history.items import LoopSeen
from stripeflow.workflows.models import Loop, Reservation, Run
from stripeflow.workflows.states import RunStatus, StepStatus


@dataclass(frozen=True)
class RetryPreview:
    """Of the loop at the step `step`: which items run again. `sums` are in minor units, by currency.

    `moving_steps` are steps of the whole run that move money, and have succeeded.
    """

    step: str
    title: str
    loop: LoopSeen
    sums: dict[str, int]
    moving_steps: int

    @property
    def lines(self) -> tuple[str, ...]:
        """The same in sentences."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[str]:
        counts = {"failed": self.loop.failed, "pending": self.loop.pending, "done": self.loop.succeeded}
        yield (
            _(
                "A retry takes %(failed)d items that failed and %(pending)d that had not begun. %(done)d are "
                "done, and are not repeated."
            )
            % counts
        )
        if not self.moving_steps:
            yield _("No step of this run has moved money so far.")
            return
        yield _("Steps of this run that have moved money so far: %d.") % self.moving_steps
        if self.sums:
            sums = (format_minor(amount, currency) for currency, amount in sorted(self.sums.items()))
            yield _("Counted against the limits so far: %s.") % ", ".join(sums)


def retry_preview(run: Run) -> RetryPreview | None:
    """What a retry of the run would take again; None where no loop of it has failed."""
    key = (run.error or {}).get("step", "")
    if run.status != RunStatus.FAILED or not key:
        return None
    loop = Loop.objects.filter(run=run, path=key).first()
    if loop is None:
        return None
    taken = Reservation.objects.filter(key__startswith=f"stripeflow:{run.pk}:")
    sums = dict(taken.order_by().values_list("currency").annotate(Sum("amount")))
    return RetryPreview(
        key, title_in(run.version.document, key), LoopSeen(loop, None), sums, _moving_steps(run)
    )


def _moving_steps(run: Run) -> int:
    """How many steps have moved money. What an action does may depend on the inputs of its step."""
    done = run.steps.filter(status=StepStatus.SUCCEEDED).exclude(action="").order_by()
    keys = done.values_list("action", flat=True).distinct()
    grave = [key for key in keys if registry.moves_money(key, {})]
    steps = done.filter(action__in=grave).values_list("action", "inputs")
    return sum(registry.moves_money(key, inputs or {}) for key, inputs in steps.iterator())
