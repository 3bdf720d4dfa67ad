"""The type of trigger that starts its workflow by itself, again and again."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.catalogue import Field, FieldType
from stripeflow.triggers.models import Source
from stripeflow.triggers.types.base import Carried, SettingProblem, Settings, TriggerType
from stripeflow.triggers.types.recurring_schedule import reading, words
from stripeflow.triggers.types.recurring_schedule.fields import SETTINGS
from stripeflow.triggers.types.recurring_schedule.timing import Timing


class RecurringSchedule(TriggerType):
    """Each time of its timetable is an event for the one workflow, created at that instant."""

    type = "recurring_schedule"
    label = gettext_lazy("A recurring schedule")
    description = gettext_lazy(
        "Starts at set times: every hour, each Monday at 9:00, on the last day of the month."
    )
    source = Source.SCHEDULE
    settings = SETTINGS
    is_addressed = True
    has_outlook = True

    def topics(self, settings: Settings) -> tuple[str, ...]:
        """One, as soon as somebody has chosen how often."""
        return (self.type,) if settings.get("repeats") else ()

    def normal(self, settings: Settings) -> Settings:
        """Without what the chosen way to repeat does not ask for."""
        return {name: value for name, value in settings.items() if self._counts(name, settings)}

    def known(self, settings: Settings) -> Carried:
        """Three instants; the latter two are null the first time."""
        kind = FieldType.TIMESTAMP
        return Carried(
            _("Schedule"),
            fields=(
                Field(name="scheduled_for", path="scheduled_for", label=_("Scheduled for"), type=kind),
                Field(
                    name="previous_scheduled_for",
                    path="previous_scheduled_for",
                    label=_("Previously scheduled for"),
                    type=kind,
                    nullable=True,
                    optional=True,
                ),
                Field(
                    name="last_success_at",
                    path="last_success_at",
                    label=_("Scheduled time of the last run that succeeded"),
                    type=kind,
                    nullable=True,
                    optional=True,
                ),
            ),
        )

    def sample(self, settings: Settings, topic: str) -> dict[str, Any]:
        """Its next time, as if the one before had succeeded."""
        found = [reading.in_seconds(one) for one in reading.upcoming(settings, count=2)]
        before, then = found if len(found) == 2 else (None, reading.in_seconds(timezone.now()))
        held = {"scheduled_for": then, "previous_scheduled_for": before, "last_success_at": before}
        return {"object": held}

    def describe(self, settings: Settings) -> str:
        """ "Every day at 09:00 (Europe/Berlin)"."""
        return words.sentence(settings)

    def describe_topic(self, topic: str) -> str:
        """The same for every schedule, whose settings are not asked."""
        return _("Recurring schedule")

    def timing(self, settings: Settings) -> Timing | None:
        """When it comes about; None if something is wrong with the settings."""
        return reading.timing_of(settings)

    def outlook(self, settings: Settings) -> tuple[str, ...]:
        """The next five times in words, with weekday and offset, and by how much each may start later."""
        timing, zone = reading.timing_of(settings), reading.zone_of(settings)
        if timing is None:
            return ()
        times = timing.timetable.upcoming(timezone.now())
        return tuple(
            words.spread(words.moment(at, zone), timing.spread.longest(at, timing.timetable)) for at in times
        )

    def check(self, settings: Settings) -> Iterator[SettingProblem]:
        """Yield every problem of the settings, and that no time is left."""
        yield from reading.problems(settings, now=timezone.now())

    def _counts(self, name: str, settings: Settings) -> bool:
        shown_for = next((one.shown_for for one in SETTINGS if one.name == name), None)
        if shown_for is None:
            return True
        other, values = shown_for
        default = "once" if other == "missed" else ""
        return (settings.get(other) or default) in values
