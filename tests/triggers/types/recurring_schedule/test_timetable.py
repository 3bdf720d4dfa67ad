from datetime import UTC, date, datetime, timedelta

from stripeflow.triggers.types.recurring_schedule import zones
from stripeflow.triggers.types.recurring_schedule.recurrence import AtWallTime, Every
from stripeflow.triggers.types.recurring_schedule.timetable import Timetable

BERLIN = zones.find("Europe/Berlin")
DAILY = AtWallTime("0 9 * * *", BERLIN)


def at_nine(day, month=12):
    return datetime(2026, month, day, 8, tzinfo=UTC)


def test_names_the_next_five():
    assert Timetable(DAILY, BERLIN).upcoming(at_nine(1)) == [at_nine(day) for day in range(2, 7)]


def test_the_start_and_the_end_may_be_times_themselves():
    timetable = Timetable(DAILY, BERLIN, starts=at_nine(3), ends=at_nine(5))
    assert timetable.upcoming(at_nine(1)) == [at_nine(3), at_nine(4), at_nine(5)]
    assert timetable.next_after(at_nine(5)) is None


def test_days_are_left_out_by_the_clocks_of_the_zone():
    # 23:30 UTC is the next day in Berlin.
    hourly = Every(timedelta(hours=12), datetime(2026, 12, 1, 11, 30, tzinfo=UTC))
    timetable = Timetable(hourly, BERLIN, excluded=frozenset({date(2026, 12, 2), date(2026, 12, 3)}))
    found = timetable.upcoming(datetime(2026, 12, 1, 12, tzinfo=UTC), count=2)
    assert [f"{one:%d %H:%M}" for one in found] == ["03 23:30", "04 11:30"]


def test_a_year_of_left_out_days_is_passed_over_without_a_look_at_each_minute():
    asked = []

    class Minutes(Every):
        def next_after(self, instant):
            asked.append(instant)
            return super().next_after(instant)

    days = frozenset(date(2026, 1, 1) + timedelta(days=number) for number in range(365))
    timetable = Timetable(Minutes(timedelta(minutes=1)), BERLIN, excluded=days)
    found = timetable.next_after(datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert zones.wall_at(found, BERLIN) == datetime(2027, 1, 1)
    assert len(asked) <= 366
