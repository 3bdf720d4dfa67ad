import pytest

from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import DateInput, SeveralInput, TimeZoneInput

WHEN = DateInput("when", label="When")
ZONE = TimeZoneInput("zone", label="Zone")
DAYS = SeveralInput("days", label="Days", choices=(("0", "Monday"), ("1", "Tuesday")))


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (WHEN, "2026-12-24"),
        (WHEN, "2026-12-24 09:00"),
        (WHEN, "2026-12-24T09:00:00+09:00"),
        (WHEN, "{{ trigger.created }}"),
        (ZONE, "Europe/Berlin"),
        (ZONE, ""),
        (DAYS, ["1", "0"]),
        (DAYS, []),
    ],
)
def test_accepts_raw(field, raw):
    assert field.check(raw) == []


@pytest.mark.parametrize(
    ("field", "raw", "message"),
    [
        (WHEN, "soon", "“When” must be a date, such as 2026-12-24 or 2026-12-24 09:00."),
        (WHEN, "2026-02-30", "“When” must be a date, such as 2026-12-24 or 2026-12-24 09:00."),
        (WHEN, "on {{ trigger.created }}", "“When” must be a date, such as 2026-12-24 or 2026-12-24 09:00."),
        (WHEN, 1_767_225_600, "“When” must be a date, such as 2026-12-24 or 2026-12-24 09:00."),
        (ZONE, ["UTC"], "“Zone” must be a time zone, such as Europe/Berlin."),
        (ZONE, "../etc/passwd", "“Zone” must be a time zone, such as Europe/Berlin."),
        (DAYS, "0", "“Days” must be a list of its choices."),
        (DAYS, ["0", "8"], "“Days” must be a list of its choices."),
        (DAYS, [0], "“Days” must be a list of its choices."),
    ],
)
def test_refuses_raw(field, raw, message):
    [problem] = field.check(raw)
    assert problem.message == message


def test_a_misspelt_zone_is_told_the_close_ones():
    [problem] = ZONE.check("Europe/Berlinn")
    assert "Did you mean “Europe/Berlin”" in problem.message


@pytest.mark.parametrize(
    ("field", "value", "cleaned"),
    [
        (WHEN, 1_767_225_600, 1_767_225_600),
        (WHEN, " 2026-12-24 ", "2026-12-24"),
        (WHEN, None, None),
        (ZONE, "UTC", "UTC"),
        (ZONE, None, None),
        (DAYS, ["1", "0"], ["0", "1"]),
        (DAYS, None, []),
    ],
)
def test_cleans(field, value, cleaned):
    assert field.clean(value) == cleaned
    assert field.clean(field.clean(value)) == cleaned


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (WHEN, True),
        (WHEN, 1.5),
        (WHEN, 10**20),
        (WHEN, "x"),
        (WHEN, ["2026-12-24"]),
        (ZONE, "Mars"),
        (DAYS, ["8"]),
    ],
)
def test_refuses_rendered(field, value):
    with pytest.raises(InvalidInput):
        field.clean(value)


def test_the_form_of_several_takes_what_is_checked():
    box = DAYS.form_field()
    assert box.clean(["1"]) == ["1"]
    assert box.clean([]) is None
