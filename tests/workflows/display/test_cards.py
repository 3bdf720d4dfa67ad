"""One tree of cards for every page."""

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
