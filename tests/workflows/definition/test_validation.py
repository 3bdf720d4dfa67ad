import pytest

from stripeflow.workflows.definition.validation import validate
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way
from tests.workflows.events import accept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]

LARGE = group(compare("trigger.amount", "greater_than", usd(1)))


def found(*steps, **options):
    return [
        (problem.path, problem.code, problem.step)
        for problem in validate(document(*steps, **options)).problems
    ]


def warned(*steps, **options):
    """The sentences of the warnings; nothing else may be wrong."""
    problems = validate(document(*steps, **options)).problems
    assert problems.errors == ()
    return [problem.message for problem in problems]


def text(template):
    return found(action("one", text=template))


def test_a_sound_workflow_has_no_problems():
    choose = branch("choose", way("large", LARGE, action("two", text="{{ steps.one.text }}")))
    assert found(action("one", text="x {{ trigger.amount | money }}"), choose, conditions=LARGE) == []


def test_a_workflow_needs_an_event_and_a_step():
    assert found(event_type="") == [
        ("/trigger/event_type", "missing", ""),
        ("/steps", "no_steps", ""),
    ]


def test_what_cannot_be_an_event_type_is_an_error():
    problems = validate(document(action("one"), event_type="charge.*")).problems
    assert [(problem.path, problem.code) for problem in problems.errors] == [
        ("/trigger/event_type", "unknown_event_type")
    ]


@pytest.mark.parametrize(
    ("event_type", "ending"),
    [
        ("invoice.payed", "none has come yet. Did you mean “invoice.paid”?"),
        ("moon.full", "none has come yet."),
        ("transfer.paid", "Events of it have come, so that it starts the workflow."),
    ],
)
def test_an_event_type_that_nobody_lists_is_only_warned_of(event_type, ending):
    accept({"id": "tr_1", "object": "transfer"}, type="transfer.paid")
    (message,) = warned(action("one"), event_type=event_type)
    assert f"does not list the event type “{event_type}”" in message
    assert message.endswith(ending)


INVOICE = {"id": "in_1", "object": "invoice", "subscription": "sub_1", "total": 5, "custom_thing": 7}


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("trigger.subscription", "is not in Stripe's API version 2025-03-31.basil and later."),
        ("trigger.custom_thing", "is not in Stripe's API version "),
        ("trigger.no_such_thing", "None of the newest events of this type has it (1 were looked at)."),
        ("trigger.custmer", "Did you mean “customer”?"),
        ("trigger.lines.data.0.quantty", "Did you mean “lines.data.0.quantity”?"),
        ("trigger.customer.email", "“Customer ID” is an ID in the event"),
    ],
)
def test_a_field_that_nobody_lists_may_be_used_and_is_warned_of(field, told):
    accept(INVOICE, type="invoice.paid", api_version="2024-06-20")
    condition = group(compare(field, "is_not_empty"))
    reference = action("one", text=f"{{{{ {field} }}}}")
    for message in warned(reference, conditions=condition, event_type="invoice.paid"):
        assert told in message


@pytest.mark.parametrize("field", ["trigger.subscription", "trigger.custom_thing"])
def test_a_warning_says_that_recent_events_have_the_field(field):
    accept(INVOICE, type="invoice.paid", api_version="2024-06-20")
    (message,) = warned(action("one", text=f"{{{{ {field} }}}}"), event_type="invoice.paid")
    assert message.endswith("Your recent events have it (API version 2024-06-20).")


def test_a_comparison_without_meaning_for_what_recent_events_held_is_only_warned_of():
    accept(INVOICE, type="invoice.paid")
    condition = group(compare("trigger.custom_thing", "starts_with", "x"))
    assert len(warned(action("one"), conditions=condition, event_type="invoice.paid")) == 2


@pytest.mark.parametrize(
    ("event_type", "reference", "code"),
    [
        ("invoice.paid", "trigger.lines.data | join", "filter"),
        ("invoice.paid", 'trigger.lines.data | map("period") | join', "filter"),
        ("invoice.paid", 'trigger.lines.data | map("descripton") | join', "unknown_reference"),
        ("invoice.paid", 'trigger.lines.data | map("description") | join', ""),
        ("invoice.paid", "trigger.lines.data.0.amount | money", ""),
        ("charge.succeeded", "trigger.presentment_details.presentment_amount | money", "filter"),
        (
            "charge.succeeded",
            "trigger.presentment_details.presentment_amount"
            " | money(trigger.presentment_details.presentment_currency)",
            "",
        ),
        ("payment_intent.succeeded", "trigger.amount_details.tip.amount | money", ""),
        ("review.opened", "trigger.created | money", "filter"),
        ("customer.created", 'trigger.metadata.total | money("usd")', ""),
        ("customer.created", "trigger.metadata.due | date", ""),
        ("customer.created", "trigger.id | date", "filter"),
        ("customer.created", "trigger.cash_balance.available.eur | money", ""),
        ("customer.updated", 'event.data.previous_attributes.email | default("-")', ""),
        ("customer.updated", "event.data.previous_attributes.email", "may_be_missing"),
        ("customer.updated", 'event.data.previous_attributes.balance | money | default("-")', ""),
        ("customer.updated", "event.data.previous_attributes | json", ""),
        ("customer.updated", "event.pending_webhooks", ""),
    ],
)
def test_the_check_knows_what_a_run_would_do(event_type, reference, code):
    step = action("one", text=f"a {{{{ {reference} }}}}")
    problems = validate(document(step, event_type=event_type)).problems
    assert [problem.code for problem in problems] == [code] * bool(code)
    assert bool(problems.errors) is (code == "filter")


def test_an_input_refuses_a_reference_that_never_gives_what_it_takes():
    charge = {"key": "one", "type": "action", "action": "stripe.charges.retrieve", "on_error": "stop"}
    for reference, codes in (("trigger.latest_charge", []), ("trigger.amount", ["kind"])):
        step = {**charge, "name": "", "inputs": {"charge": f"{{{{ {reference} }}}}"}}
        assert [code for _path, code, _step in found(step)] == codes


def test_of_what_an_action_gives_by_itself_nothing_else_is_known():
    text = "{{ steps.one.nothing_like_it }}"
    problems = validate(document(action("one", text="a"), action("two", text=text))).problems
    assert [problem.code for problem in problems.errors] == ["unknown_reference"]


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (compare("item.no_such_field", "equal", "x"), "unknown_field"),
        (compare("trigger.amount", "starts_with", "x"), "operator"),
        (compare("trigger.amount", "greater_than", "a lot"), "value"),
        (compare("trigger.status", "equal", "no such status"), "value"),
        (compare("event.type", "changed", None), "no_changes"),
        (compare("", "equal", "x"), "no_field"),
    ],
)
def test_a_condition_that_makes_no_sense_is_reported_with_its_place(condition, code):
    (problem,) = validate(document(action("one"), conditions=group(condition))).problems
    assert problem.path.startswith("/trigger/conditions/conditions/0")
    assert problem.message.endswith(".")
    if code != "value":
        assert problem.code == code


def test_conditions_of_which_any_has_to_be_met_can_not_be_none():
    assert found(action("one"), conditions=group(match="any")) == [("/trigger/conditions", "empty_group", "")]


def test_a_branch_needs_conditions():
    assert found(branch("choose", way("large", group()))) == [
        ("/steps/0/branches/0/conditions", "empty_condition", "choose")
    ]


def test_the_last_branch_has_to_be_all_other_cases():
    step = branch("choose", way("large", LARGE))
    step["branches"].reverse()
    assert ("/steps/0/branches", "no_otherwise", "choose") in found(step)


def test_keys_have_to_differ():
    assert found(action("one"), branch("choose", way("large", LARGE, action("one")))) == [
        ("/steps/0/key", "duplicate_key", "one"),
        ("/steps/1/branches/0/steps/0/key", "duplicate_key", "one"),
    ]


@pytest.mark.parametrize(
    "template",
    [
        "{{ trigger.amount }}",
        "{{ trigger.metadata.order }}",
        '{{ trigger.metadata["order id"] }}',
        '{{ trigger.metadata["order.id"] }}',
        "{{ event.id }}",
        "{{ trigger.created | date }}",
        "{{ trigger.amount_received | money(trigger.currency) }}",
    ],
)
def test_what_is_known_may_be_referred_to(template):
    assert text(template) == []


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{ steps.later.text }}", "unknown_reference"),
        ("{{ item.id }}", "unknown_reference"),
        ("{{ trigger.amount | money(steps.later.currency) }}", "unknown_reference"),
        ("{{ trigger.id | money }}", "filter"),
        ("{{ trigger.amount", "template"),
        ("{{ trigger.amount | shout }}", "template"),
    ],
)
def test_a_reference_that_can_not_work_is_reported(template, code):
    assert text(template) == [("/steps/0/inputs/text", code, "one")]


@pytest.mark.parametrize(
    "steps",
    [
        (action("one", text="{{ steps.two.text }}"), action("two", text="x")),
        (
            branch("choose", way("large", LARGE, action("two", text="x"))),
            action("one", text="{{ steps.two.text }}"),
        ),
        (
            branch(
                "choose",
                way("large", LARGE, action("two", text="x")),
                otherwise=(action("one", text="{{ steps.two.text }}"),),
            ),
        ),
    ],
    ids=["later", "only on one path", "in the other branch"],
)
def test_a_step_that_does_not_come_before_on_every_path_is_not_known(steps):
    (problem,) = validate(document(*steps)).problems
    assert (problem.step, problem.code) == ("one", "unknown_reference")
    assert "“Text” is of the step “Record”, which does not come before this one" in problem.message


def test_every_problem_is_listed_at_once():
    steps = action("one", "no.such"), action("two", text="{{ nowhere.x }}"), branch("b", way("w", group()))
    assert len(found(*steps, event_type="moon.full")) >= 4


def told(template):
    return action("told", text=template)


@pytest.mark.parametrize(
    "template", ["{{ steps.one.error.message }}", "{{ steps.one.error.code | upper }}", "{{ trigger.id }}"]
)
def test_in_an_error_branch_the_error_is_known(template):
    assert found(failing(action("one", text="a"), told(template))) == []


def test_a_condition_in_an_error_branch_may_test_the_error():
    is_gone = group(compare("steps.one.error.code", "equal", "gone"))
    assert found(failing(action("one", text="a"), branch("choose", way("gone", is_gone)))) == []


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        pytest.param(
            [failing(action("one", text="a"), told("{{ steps.one.text }}"))],
            "/steps/0/error_branch/steps/0",
            id="the failed step has no outputs",
        ),
        pytest.param(
            [failing(action("one", text="a"), action("two", text="b")), told("{{ steps.two.text }}")],
            "/steps/1",
            id="behind it nothing of an error branch is known",
        ),
        pytest.param(
            [failing(action("one", text="a"), action("two", text="b")), told("{{ steps.one.error.code }}")],
            "/steps/1",
            id="behind it no error is known",
        ),
        pytest.param(
            [failing(action("one", text="a"), told("{{ steps.one.error.no_such }}"))],
            "/steps/0/error_branch/steps/0",
            id="an error has a message and a code",
        ),
        pytest.param(
            [failing(action("one", text="a"), told("{{ steps.told.error.code }}"))],
            "/steps/0/error_branch/steps/0",
            id="its own error",
        ),
    ],
)
def test_what_is_not_known_in_an_error_branch_and_behind_it(steps, place):
    assert found(*steps) == [(f"{place}/inputs/text", "unknown_reference", "told")]


def test_of_steps_that_have_failed_around_it_each_error_is_known():
    inner = failing(action("two", text="b"), told("{{ steps.one.error.code }} {{ steps.two.error.code }}"))
    assert found(failing(action("one", text="a"), inner)) == []


def test_a_step_that_succeeded_is_known_behind_its_error_branch():
    assert (
        found(failing(action("one", text="a"), action("two", text="b")), told("{{ steps.one.text }}")) == []
    )


def test_a_step_that_goes_on_when_it_fails_is_known_all_the_same():
    assert found({**action("one", text="a"), "on_error": "continue"}, told("{{ steps.one.text }}")) == []


def test_an_error_branch_needs_steps():
    (problem,) = validate(document(failing(action("one", text="a")))).problems
    assert (problem.path, problem.code) == ("/steps/0/error_branch/steps", "empty_error_branch")
    assert (problem.step, problem.branch) == ("one", "error")


def test_problems_of_steps_in_an_error_branch_are_found():
    assert found(failing(action("one", text="a"), action("one", "moon.fly"))) == [
        ("/steps/0/key", "duplicate_key", "one"),
        ("/steps/0/error_branch/steps/0/key", "duplicate_key", "one"),
        ("/steps/0/error_branch/steps/0/action", "unknown_action", "one"),
    ]


@pytest.mark.parametrize(
    ("retry", "codes"),
    [
        ({"max_attempts": 3, "base_seconds": 1, "cap_seconds": 1, "total_seconds": 60}, []),
        ({"base_seconds": 901}, [("base_seconds", "cap_below_base")]),
        ({"base_seconds": 5, "cap_seconds": 4.5}, [("cap_seconds", "cap_below_base")]),
        ({"total_seconds": 1.5}, [("total_seconds", "total_below_base")]),
        ({"total_seconds": 82_800}, [("total_seconds", "total_beyond_key")]),
    ],
)
def test_a_retry_policy_has_to_make_sense(retry, codes):
    problems = validate(document({**action("one", text="a"), "retry": retry})).problems
    assert [(one.path, one.code) for one in problems] == [(f"/steps/0/retry/{n}", code) for n, code in codes]
    assert all(one.step == "one" and one.message.endswith(".") for one in problems)


@pytest.mark.parametrize(
    ("own", "last", "warned"),
    [
        ({"if_undecided": "otherwise"}, "stripe.refunds.create", True),
        ({"if_undecided": "otherwise"}, "host.not_installed", True),
        ({"if_undecided": "otherwise"}, "email.team_member", False),
        ({"if_undecided": "stop"}, "stripe.refunds.create", False),
        ({}, "stripe.refunds.create", False),
    ],
)
def test_warns_where_the_unknown_may_move_money(own, last, warned):
    large = way("large", group(compare("trigger.amount", "greater_than", usd(5))))
    value = document({**branch("choose", large, otherwise=(action("last", last),)), **own})
    found = [one for one in validate(value).problems if one.code == "grave_if_undecided"]
    assert [(one.path, one.step, one.field) for one in found] == [
        ("/steps/0/if_undecided", "choose", "if_undecided")
    ] * warned
    assert all(one.is_warning for one in found)


def test_brackets_and_dots_lead_to_the_same_field():
    inner = [compare("item", "equal", "di_1")]
    for path in ("trigger.lines.data[0].discounts", 'trigger["lines"].data.0.discounts'):
        over = {"field": path, "quantifier": "any", "match": "all", "conditions": inner}
        assert (
            validate(document(action("one"), conditions=group(over), event_type="invoice.paid")).problems
            == ()
        )
