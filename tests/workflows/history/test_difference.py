import pytest
from django.utils import translation

from stripeflow.workflows.history.difference import Change, changes, in_short
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way

pytestmark = pytest.mark.usefixtures("recorder")


def large(major, *steps):
    return branch("large", way("vip", group(compare("trigger.amount", "greater_than", usd(major))), *steps))


ONE, TWO = action("one", text="a"), action("two", text="b")


def told(before, after):
    return [(change.about, change.before, change.after) for change in changes(before, after)]


def test_the_same_has_no_differences():
    nested = document(ONE, large(5, TWO), conditions=group(compare("trigger.amount", "greater_than", usd(5))))
    assert changes(nested, nested) == ()


def test_what_was_added_when_it_was_frozen_is_no_difference():
    plain, frozen = document(large(5, TWO)), document(large(5, TWO))
    test = frozen["steps"][0]["branches"][0]["conditions"]["conditions"][0]
    test |= {"type": "money", "currency_field": "trigger.currency"}
    assert changes(plain, frozen) == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (document(ONE, name="A"), document(ONE, name="B"), ("Name", "A", "B")),
        (
            document(ONE),
            document(ONE, event_type="charge.refunded"),
            ("Event", "Payment intent succeeded", "Charge refunded"),
        ),
        (
            document(ONE),
            document(ONE, conditions=group(compare("trigger.amount", "greater_than", usd(5)))),
            ("Trigger conditions", "Every time", "If amount is greater than $5.00 USD"),
        ),
        (
            document(ONE, event_type="charge.refunded"),
            document(ONE, event_type=["charge.refunded", "refund.created"]),
            ("Event", "Charge refunded", "Charge refunded or Refund created"),
        ),
        (
            document(ONE, scope=None),
            document(ONE, scope={"mode": "live", "accounts": "own"}),
            (
                "Which of these events count",
                "Nobody has chosen: all of them",
                "Live events of your own account",
            ),
        ),
        (
            document(ONE, scope={"mode": "test", "accounts": ["acct_1"]}),
            document(ONE, scope={"mode": "test", "accounts": ["acct_1", "acct_2"]}),
            (
                "Which of these events count",
                "Test events of the connected account acct_1 (acct_1)",
                "Test events of 2 connected accounts (acct_1, acct_2)",
            ),
        ),
        (
            document(ONE),
            document({**ONE, "acts_as": "platform"}),
            ("Record: acts as", "The account of the event", "Your own account (the platform)"),
        ),
        (document(ONE), document(ONE, TWO), ("Step added", "", "Record")),
        (document(ONE, TWO), document(ONE), ("Step removed", "Record", "")),
        (document(ONE), document(action("one", text="c")), ("Record: Text", "a", "c")),
        (document(ONE), document({**ONE, "name": "First"}), ("Name of a step", "Record", "First")),
        (
            document(ONE),
            document({**ONE, "on_error": "continue"}),
            ("Record: if it fails", "stop the run", "go on with the next step"),
        ),
        (
            document(ONE, {**TWO, "on_error": "continue"}),
            document(ONE, {**TWO, "retry": {"max_attempts": 3, "cap_seconds": 0.5}, "on_error": "continue"}),
            ("Record: tried again", "as everywhere", "at most 3 attempts, longest pause 0.5 s"),
        ),
        (
            document(failing(ONE, TWO)),
            document(failing(ONE, action("two", text="c"))),
            ("Record: Text", "b", "c"),
        ),
        (
            document(ONE),
            document(action("one", "test.ask", text="a")),
            ("Record: action", "Record", "Record"),
        ),
        (
            document(large(5)),
            document(large(6)),
            (
                "Branch on conditions: branch",
                "If amount is greater than $5.00 USD",
                "If amount is greater than $6.00 USD",
            ),
        ),
        (document(ONE, large(5)), document(large(5, ONE)), ("Step moved to another branch", "", "Record")),
        (
            document({**ONE, "name": "A"}, {**TWO, "name": "B"}),
            document({**TWO, "name": "B"}, {**ONE, "name": "A"}),
            ("Steps in another order", "", "B, A"),
        ),
    ],
)
def test_tells_each_difference(before, after, expected):
    assert told(before, after) == [expected]


def test_what_ends_runs_is_reported_with_its_conditions():
    before, after = document(ONE), document(ONE)
    before["trigger"]["cancel_when"] = [{"event": "invoice.paid", "same_as": "customer"}]
    asked = group(compare("canceled_by.amount_paid", "greater_than", usd(5)))
    after["trigger"]["cancel_when"] = [
        {"event": "invoice.paid", "conditions": asked},
        {"event": "charge.refunded"},
    ]
    new = "Invoice paid, if Invoice paid › Amount paid is greater than $5.00 USD or Charge refunded"
    assert told(before, after) == [("Canceled when", "Invoice paid, same customer", new)]


def test_a_removed_step_that_others_refer_to_is_one_change():
    asked = group(compare("steps.two.amount", "less_than", usd(15)))
    way_out = branch("large", way("large", asked))
    users = (action("one", text="{{ steps.two.amount | money }}"), way_out)
    two = {**action("two", "stripe.charges.retrieve", charge="ch_1"), "name": "Look it up"}
    assert told(document(two, *users), document(*users)) == [("Step removed", "Look it up", "")]


def test_a_new_name_of_a_step_that_others_refer_to_is_one_change():
    user = action("one", text="{{ steps.two.text }}")
    found = told(document(TWO, user), document({**TWO, "name": "Second"}, user))
    assert found == [("Name of a step", "Record", "Second")]


def test_an_added_step_is_not_another_order():
    assert told(document(ONE, TWO), document(ONE, action("three", text="c"), TWO)) == [
        ("Step added", "", "Record")
    ]


def test_a_change_has_both_sides():
    assert changes(document(ONE, name="A"), document(ONE, name="B")) == (Change("Name", "A", "B"),)


def test_an_error_branch_with_its_steps_is_reported():
    assert told(document(ONE), document(failing(ONE, TWO))) == [
        ("Record: if it fails", "stop the run", "take the error branch"),
        ("Step added", "", "Record"),
    ]


def test_a_step_that_moves_into_an_error_branch_is_reported():
    behind, inside = (
        document(failing(ONE, TWO), action("three")),
        document(failing(ONE, TWO, action("three"))),
    )
    assert told(behind, inside) == [("Step moved to another branch", "", "Record")]


ACTS = "stop for a person, since “All other cases” acts as well"
MONEY = "stop for a person, since a later branch moves money or destroys something"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (({}, TWO, ACTS), ({"if_undecided": "stop"}, TWO, "stop for a person")),
        (({}, TWO, ACTS), ({}, action("two", "refunds.create"), MONEY)),
        (
            ({}, action("two", "refunds.create"), MONEY),
            ({"if_undecided": "otherwise"}, action("two", "refunds.create"), "take “All other cases”"),
        ),
    ],
)
def test_what_is_done_if_a_condition_is_unknown_is_reported(before, after):
    def step(own, otherwise, _words):
        return document({**large(5), **own, **{"branches": [*large(5)["branches"][:-1], _last(otherwise)]}})

    found = told(step(*before), step(*after))
    assert ("Branch on conditions: if a condition is unknown", before[2], after[2]) in found


def test_whether_events_that_workflows_cause_start_it_is_reported():
    opened = document(ONE)
    opened["trigger"]["caused_events"] = "ignore"
    default = "They start it, unless it moves money or destroys something"
    assert told(document(ONE), opened) == [
        ("Events that workflows cause", default, "They do not start it"),
    ]


def _last(step):
    return {"key": "otherwise", "name": "", "otherwise": True, "steps": [step]}


def test_a_step_is_quoted_as_the_reader_does():
    found = changes(document(ONE), document(ONE, TWO))
    assert in_short(found).endswith(f" “{found[0].step}”")
    with translation.override("ja"):
        assert in_short(found).endswith(f"「{found[0].step}」")
