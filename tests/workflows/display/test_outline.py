"""The outline and its words are made from a document; no database."""

import pytest

from stripeflow.triggers.types.stripe_event.labels import event_choices, label_of
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.display.labels import field_groups, operator_choices
from stripeflow.workflows.display.outline import outline
from stripeflow.workflows.display.words import condition_sentence, template_parts, trigger_sentence
from tests.workflows.documents import action, branch, compare, document, failing, group, starts_on, usd, way

PAYMENT = "payment_intent.succeeded"


def email(key, **inputs):
    return action(key, "email.team_member", **inputs)


def test_the_trigger_in_words():
    conditions = group(compare("trigger.amount", "greater_than", usd(1000)))
    sentence = trigger_sentence(document(conditions=conditions))
    assert sentence == "Payment intent succeeded, if amount is greater than $1,000.00 USD"


def test_a_trigger_without_conditions_or_event():
    assert trigger_sentence(document()) == "Payment intent succeeded"
    assert trigger_sentence(document(event_type="")) == ""


def test_conditions_that_can_not_be_read_do_no_harm():
    broken = {"match": "all", "conditions": [{"field": "trigger.amount", "operator": "made_up"}]}
    assert condition_sentence(broken, Known(starts_on(PAYMENT))) == "conditions that are not complete"


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("Hello", [("Hello", "")]),
        ("{{ trigger.amount | money }}", [("Payment intent › Amount", "trigger.amount")]),
        (
            "For {{ trigger.customer }}!",
            [("For ", ""), ("Payment intent › Customer ID", "trigger.customer"), ("!", "")],
        ),
        (
            '{{ trigger.customer | default("nobody") }}',
            [("Payment intent › Customer ID, or “nobody”", "trigger.customer")],
        ),
        (
            "{{ trigger.description | upper }}",
            [("Payment intent › Description, capital letters", "trigger.description")],
        ),
        ("{{ trigger.made_up }}", [("Payment intent › made_up", "trigger.made_up")]),
        ("{{ item.made_up }}", [("Made up", "item.made_up")]),
        ("{{ broken", [("{{ broken", "")]),
    ],
)
def test_references_are_shown_by_their_labels(db, template, parts):
    shown = [(part.text, part.path) for part in template_parts(template, Known(starts_on(PAYMENT)))]
    assert shown == parts


def test_cards_carry_their_inputs_in_words():
    step = email(
        "tell",
        subject="Big: {{ trigger.amount }}",
        to=["a", "b"],
        append=[{"label": "Id", "value": "{{ event.id }}"}],
    )
    card = outline(document(step)).cards[0]
    lines = {line.label: "".join(part.text for part in line.parts) for line in card.lines}
    assert lines == {
        "To": "a, b",
        "Subject": "Big: Payment intent › Amount",
        "Append to body": "Id: Event › Event ID",
    }


def test_long_inputs_are_cut_off():
    card = outline(document(email("tell", body="word " * 200))).cards[0]
    assert len(card.lines[0].parts[0].text) <= 140


def test_inputs_of_an_action_that_is_not_installed():
    faxed = document(action("fax", "acme.fax", number={"a": [1]}))
    card = outline(faxed, readable=True).cards[0]
    assert (card.missing, card.lines[0].parts[0].text) == (True, '{"a": [1]}')


def test_they_may_be_secret_and_are_hidden_from_who_may_not_edit():
    card = outline(document(action("fax", "acme.fax", number="swordfish"))).cards[0]
    assert [(line.label, line.parts[0].text) for line in card.lines] == [("number", "••••")]


def test_branches_hold_their_cards():
    ways = way("big", group(compare("trigger.amount", "greater_than", usd(2000))), email("inner"))
    card = outline(document(branch("choice", ways, otherwise=(email("other"),)))).cards[0]
    assert [(w.sentence, w.otherwise, [c.key for c in w.cards]) for w in card.ways] == [
        ("amount is greater than $2,000.00 USD", False, ["inner"]),
        ("", True, ["other"]),
    ]


def test_problems_go_to_their_card():
    problems = [
        Problem("/trigger/event_type", "x", "trigger"),
        Problem("/steps/0", "x", "step", step="choice"),
        Problem("/steps/0/branches/0", "x", "branch", step="choice", branch="big"),
        Problem("/steps", "x", "all"),
    ]
    made = outline(document(branch("choice", way("big", group()))), problems=problems)
    card = made.cards[0]
    found = [[p.message for p in where.problems] for where in (made, made.trigger, card, card.ways[0])]
    assert found == [["trigger", "step", "branch", "all"], ["trigger"], ["step"], ["branch"]]


def test_fields_are_grouped_by_source_to_two_levels(db):
    retrieve = action("retrieve", "stripe.charges.retrieve")
    groups = {one.label: one.options for one in field_groups(Known(starts_on(PAYMENT), (retrieve,)))}
    assert list(groups) == ["Payment intent", "Retrieve a charge", "Event"]
    labels = {option.path: option.label for option in groups["Retrieve a charge"]}
    assert labels["steps.retrieve.amount"] == "Amount"
    assert labels["steps.retrieve.billing_details.email"].startswith("Billing details › ")
    assert max(path.count(".") for path in labels) == 3


OLD_INVOICE = {
    "id": "in_1",
    "subscription": "sub_1",
    "parent": {"odd": 1},
    "lines": {"data": [{"price": {"id": "p"}}]},
}


def test_what_recent_events_held_is_offered_as_well(db):
    from tests.workflows.events import accept

    accept(OLD_INVOICE, type="invoice.paid")
    known = Known(starts_on("invoice.paid"))
    groups = {one.label: [option.path for option in one.options] for one in field_groups(known)}
    assert groups["Invoice: only in your recent events"] == ["trigger.parent.odd", "trigger.subscription"]
    items = {one.label: one.options for one in field_groups(known.item_finder("trigger.lines.data"))}
    offered = {(option.path, option.type) for option in items["Each item: only in your recent events"]}
    assert offered == {("item.price", "object"), ("item.price.id", "id")}


def test_earlier_values_are_offered_for_texts_only(db):
    for kind, texts, is_offered in (
        ("customer.updated", True, True),
        ("customer.updated", False, False),
        ("customer.created", True, False),
    ):
        labels = {one.label for one in field_groups(Known(starts_on(kind)), texts=texts)}
        assert ("Before the change" in labels) is is_offered


def test_an_earlier_value_is_reported_as_such(db):
    template = "{{ event.data.previous_attributes.email }}"
    assert [part.text for part in template_parts(template, Known(starts_on("customer.updated")))] == [
        "Email before the change"
    ]


def test_every_event_and_operator_can_be_chosen(db):
    from stripeflow.triggers import catalogue
    from stripeflow.workflows.conditions import OPERATORS

    events = {key for _group, choices in event_choices()[1:] for key, _label in choices}
    operators = {key for _group, choices in operator_choices()[1:] for key, _label in choices}
    assert events == {one.key for one in catalogue.event_types()}
    assert operators == set(OPERATORS)


def test_an_unlisted_event_is_called_by_its_object_or_its_key():
    assert label_of("invoiceitem.updated") == "Invoice item updated"
    assert label_of("acme.happened") == "acme.happened"


def columns(*steps):
    return outline(document(*steps)).columns


def test_steps_below_each_other_take_one_column():
    assert columns() == columns(email("one"), email("two")) == 1


def test_branches_stand_side_by_side():
    inner = branch("inner", way("small", group(), email("one")))
    large = way("large", group(), email("two"), email("three"))
    assert columns(branch("outer", large, otherwise=(inner,))) == 3


def test_an_error_branch_leaves_as_much_room_at_its_other_side():
    assert columns(failing(email("one"), email("told"))) == 3
