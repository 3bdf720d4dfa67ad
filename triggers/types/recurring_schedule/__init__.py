"""A recurring schedule: which instants it names is pure arithmetic, and clocks are always given."""

from stripeflow.triggers.types.recurring_schedule.trigger import RecurringSchedule

__all__ = ["RecurringSchedule"]
