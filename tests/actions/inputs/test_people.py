import pytest

from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import TeamMembersInput

TO = TeamMembersInput("to", label="To", required=True)


@pytest.mark.parametrize(
    ("raw", "code"),
    [([], "required"), ("editor", "type"), ([""], "type"), ([5], "type"), (["editor", "editor"], "twice")],
)
def test_refuses_raw(raw, code):
    assert [problem.code for problem in TO.check(raw)] == [code]


def test_accepts_usernames_without_reading_the_database():
    assert TO.check(["editor", "left_long_ago"]) == []


def test_nobody_left_is_a_current_problem(staff):
    staff("former", is_active=False)
    staff("customer", is_staff=False)
    problems = TO.check_current(["former", "customer", "unknown"])
    assert [problem.message for problem in problems] == ["Nobody in “To” is an active staff user."]


def test_one_active_person_is_enough(staff):
    staff("editor")
    staff("former", is_active=False)
    assert TO.check_current(["former", "editor"]) == []


def test_refuses_rendered():
    with pytest.raises(InvalidInput):
        TO.clean("editor")
