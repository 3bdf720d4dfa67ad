"""One tree of cards for every page."""

from stripeflow.actions.inputs import IntegerInput
from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.kinds import NewLane
from stripeflow.workflows.display.marks import Mark, Marks
from stripeflow.workflows.display.outline import outline
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))


def sizes():
    return branch(
        "size", way("large", LARGE, action("thank", text="a")), otherwise=(action("log", text="b"),)
    )


def test_all_gives_every_card_in_reading_order():
    drawn = outline(document(sizes(), failing(action("pay"), action("tell")), action("last")))
    assert [card.key for card in drawn.all()] == ["size", "thank", "log", "pay", "tell", "last"]


def test_what_lies_beside_a_card_takes_a_column_at_each_side():
    drawn = outline(document(sizes(), failing(action("pay"), action("tell"))))
    assert [card.columns for card in drawn.cards] == [2, 3]


def test_a_branch_without_conditions_is_not_called_all_other_cases():
    empty = {"key": "new", "conditions": {"match": "all", "conditions": []}, "steps": []}
    [card] = outline(document(branch("size", empty, otherwise=()))).cards
    assert [one.title for one in card.ways] == ["If these conditions are met", "All other cases"]


def test_a_card_that_bears_no_mark_of_its_own_bears_the_one_for_the_others():
    marks = Marks(trigger=Mark("met"), others=Mark("not_reached"), steps={"thank": Mark("succeeded")})
    drawn = outline(document(sizes()), marks=marks)
    assert {card.key: card.mark.state for card in drawn.all()} == {
        "size": "not_reached",
        "thank": "succeeded",
        "log": "not_reached",
    }


def test_marks_stand_in_place_of_the_inputs_and_the_problems():
    drawn = outline(document(sizes()), marks=Marks(trigger=Mark("met"), others=Mark("counted")))
    assert not any(card.lines or card.problems for card in drawn.all())


def test_details_come_with_the_marks():
    marks = Marks(
        trigger=Mark("met"),
        others=Mark("counted"),
        step_details={"size": "seen"},
        way_details={("size", "large"): "taken"},
    )
    [card] = outline(document(sizes()), marks=marks).cards
    assert (card.details, [one.details for one in card.ways]) == ("seen", ["taken", None])


class Repeated(DeclaredBlock):
    """A made-up kind of step with one lane."""

    kind = "repeated"
    label = "Repeat"
    icon = "loop"
    inputs = (IntegerInput("times", label="Times"),)
    new_lanes = (NewLane("body", "Each time"),)

    def act(self, plan, inputs, *, since, scope):
        raise NotImplementedError


def test_a_new_kind_is_drawn_as_its_entry_says():
    inside = {"key": "body", "steps": [action("tell")]}
    step = {"key": "again", "type": "repeated", "inputs": {"times": 3}, "branches": [inside]}
    with kinds.temporarily(Repeated):
        [card] = outline(document(step)).cards
        assert (card.title, card.label, card.icon, card.missing) == ("Repeat", "Repeat", "loop", False)
        assert [(line.label, line.text) for line in card.lines] == [("Times", "3")]
        assert [(way.title, [one.key for one in way.cards]) for way in card.inside] == [
            ("Each time", ["tell"])
        ]
        assert (card.failing, card.columns) == ((), 1)
