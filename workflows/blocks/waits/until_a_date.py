"""A step that waits until a date, or some time before or after it, on some days and at some hours."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.inputs import ChoiceInput, DateInput, IntegerInput, SeveralInput, TimeZoneInput
from stripeflow.actions.wording import worded
from stripeflow.workflows.blocks.waits.base import Decided, WaitingBlock
from stripeflow.workflows.blocks.waits.instants import Unit, Window, moment, shifted, within
from stripeflow.workflows.blocks.waits.words import UNITS, WEEKDAYS, amount_words, too_long
from stripeflow.workflows.definition.kinds import NewLane
from stripeflow.workflows.definition.lane import Json, Lane
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.models.failures import failure

PAST = "past"
_HOURS = tuple((f"{hour:02}:00", f"{hour}:00") for hour in range(25))
_EMPTY = "empty_window"
_WINDOW = ("weekdays", "from_hour", "to_hour")


class WaitUntilBlock(WaitingBlock):
    """Days and weeks are those of the zone: the time of day stays, also when clocks change."""

    kind = "wait_until"
    label = gettext_lazy("Wait until a date")
    description = gettext_lazy(
        "Go on at a date, or some time before or after it. You can limit this to some days and hours."
    )
    new_lanes = (NewLane(PAST, gettext_lazy("If the date is past")),)
    chooses_lane_at_once = True
    inputs = (
        DateInput(
            "date",
            label=gettext_lazy("Date"),
            help_text=gettext_lazy("A reference to a date, or one such as 2026-12-24 09:00."),
            required=True,
        ),
        IntegerInput("offset", label=gettext_lazy("How much earlier or later"), minimum=1),
        ChoiceInput(
            "offset_unit",
            label=gettext_lazy("Unit"),
            default=Unit.DAYS.value,
            choices=UNITS,
            empty_label=gettext_lazy("Default: days"),
        ),
        ChoiceInput(
            "direction",
            label=gettext_lazy("Before or after"),
            default="before",
            choices=(
                ("before", gettext_lazy("Before the date")),
                ("after", gettext_lazy("After the date")),
            ),
            empty_label=gettext_lazy("Default: before the date"),
        ),
        ChoiceInput(
            "if_past",
            label=gettext_lazy("If that time has already passed"),
            required=True,
            default="go_on",
            choices=(
                ("go_on", gettext_lazy("Go on at once")),
                ("lane", gettext_lazy("Take the branch “If the date is past”, then go on")),
                ("next_window", gettext_lazy("Wait for the next of the days and hours below")),
            ),
        ),
        SeveralInput(
            "weekdays",
            label=gettext_lazy("Only on"),
            help_text=gettext_lazy("Choose none for every day. On other days the run keeps waiting."),
            choices=WEEKDAYS,
        ),
        ChoiceInput(
            "from_hour",
            label=gettext_lazy("Not before"),
            choices=_HOURS[:-1],
            empty_label=gettext_lazy("Any hour"),
        ),
        ChoiceInput(
            "to_hour",
            label=gettext_lazy("Not after"),
            choices=_HOURS[1:],
            empty_label=gettext_lazy("Any hour"),
        ),
        TimeZoneInput(
            "zone",
            label=gettext_lazy("Time zone"),
            help_text=gettext_lazy(
                "The days and hours are read in this zone. So is a date that names no zone."
            ),
        ),
    )

    def title(self, step: Json) -> str:
        inputs = step.get("inputs", {})
        amount, unit = inputs.get("offset"), inputs.get("offset_unit") or Unit.DAYS
        if isinstance(amount, bool) or not isinstance(amount, int) or unit not in list(Unit):
            return str(self.label)
        words = amount_words(amount, Unit(unit))
        if inputs.get("direction") == "after":
            return _("Wait until %s after a date") % words
        return _("Wait until %s before a date") % words

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        """Its lane only where the run may take it, or something stands in it."""
        is_taken = step.get("inputs", {}).get("if_past") == "lane"
        return tuple(lane for lane in super().lanes(step) if is_taken or lane.steps)

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        inputs = check.step["inputs"]
        yield from _window_problems(check, inputs)
        yield from _lane_problems(check, inputs)

    def decided(self, inputs: Json, since: datetime) -> Decided:
        zone, window = _zone(inputs), _window(inputs)
        if window.begins >= window.ends:
            return Decided(since, error=failure(_EMPTY, worded(_empty_sentence())))
        try:
            wanted = _wanted(inputs, zone)
            due = within(wanted, window, zone)
            if due >= since:
                return Decided(due).checked(since)
        except OverflowError:
            return Decided(since, error=too_long())
        if inputs["if_past"] == "next_window":
            return Decided(within(since, window, zone)).checked(since)
        return Decided(since, lane=PAST if inputs["if_past"] == "lane" else "")


def _wanted(inputs: Json, zone: ZoneInfo) -> datetime:
    at, amount = moment(inputs["date"], zone), inputs["offset"]
    if amount is None:
        return at
    signed = amount if inputs["direction"] == "after" else -amount
    return shifted(at, signed, Unit(inputs["offset_unit"] or Unit.DAYS), zone)


def _zone(inputs: Json) -> ZoneInfo:
    return ZoneInfo(inputs["zone"] or timezone.get_default_timezone_name())


def _window(inputs: Json) -> Window:
    days = frozenset(map(int, inputs["weekdays"])) or frozenset(range(7))
    return Window(days, _hour(inputs["from_hour"], 0), _hour(inputs["to_hour"], 24))


def _empty_sentence() -> str:
    return _("“Not before” must be an earlier hour than “Not after”.")


def _hour(text: Any, otherwise: int) -> int:
    return int(text.partition(":")[0]) if text else otherwise


def _window_problems(check: StepCheck, inputs: Json) -> Iterator[Problem]:
    if _hour(inputs.get("from_hour"), 0) >= _hour(inputs.get("to_hour"), 24):
        yield check.problem("inputs/to_hour", _EMPTY, _empty_sentence(), field="to_hour")
    if inputs.get("if_past") == "next_window" and not any(inputs.get(name) for name in _WINDOW):
        message = _("Choose the days or hours at which the run goes on, or let it go on at once.")
        yield check.problem("inputs/if_past", "no_window", message, field="if_past")


def _lane_problems(check: StepCheck, inputs: Json) -> Iterator[Problem]:
    lanes = {lane["key"]: lane for lane in check.step.get("branches", ())}
    if inputs.get("if_past") == "lane":
        if not lanes.get(PAST, {}).get("steps"):
            message = _("“If the date is past” has no steps. Add one, or let the run go on at once.")
            yield check.problem("branches", "empty_lane", message, branch=PAST)
    elif any(lane["steps"] for lane in lanes.values()):
        message = _("The steps of “If the date is past” never run. Choose that branch, or delete them.")
        yield check.problem("inputs/if_past", "unused_lane", message, field="if_past")
