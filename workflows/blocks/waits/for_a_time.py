"""A step that waits for a time: so many minutes, hours, days or weeks."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.inputs import ChoiceInput, IntegerInput
from stripeflow.workflows.blocks.waits.base import Decided, WaitingBlock
from stripeflow.workflows.blocks.waits.instants import LONGEST, Unit, span
from stripeflow.workflows.blocks.waits.words import UNITS, amount_words, too_long, too_long_sentence
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.step_check import StepCheck


class WaitBlock(WaitingBlock):
    """Counted exactly from the moment at which the run comes here: a day is 24 hours."""

    kind = "wait"
    label = gettext_lazy("Wait")
    description = gettext_lazy("Go on after some minutes, hours, days or weeks.")
    inputs = (
        IntegerInput("amount", label=gettext_lazy("How long"), required=True, minimum=1),
        ChoiceInput(
            "unit",
            label=gettext_lazy("Unit"),
            help_text=gettext_lazy("A day is 24 hours, also when clocks change. At most 400 days."),
            required=True,
            default=Unit.DAYS.value,
            choices=UNITS,
        ),
    )

    @property
    def offer(self) -> str:
        return _("Wait for a time")

    def title(self, step: Json) -> str:
        inputs = step.get("inputs", {})
        amount, unit = inputs.get("amount"), inputs.get("unit")
        if isinstance(amount, bool) or not isinstance(amount, int) or unit not in list(Unit):
            return str(self.label)
        return _("Wait %s") % amount_words(amount, Unit(unit))

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        inputs = check.step["inputs"]
        if isinstance(inputs["amount"], int) and _is_too_long(inputs):
            yield check.problem("inputs/amount", "wait_too_long", too_long_sentence(), field="amount")

    def decided(self, inputs: Json, since: datetime) -> Decided:
        # Too large a number would be no date at all.
        if _is_too_long(inputs):
            return Decided(since, error=too_long())
        return Decided(since + span(inputs["amount"], Unit(inputs["unit"])))


def _is_too_long(inputs: Json) -> bool:
    try:
        return span(inputs["amount"], Unit(inputs["unit"])) > LONGEST
    except OverflowError:
        return True
