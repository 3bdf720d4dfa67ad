"""Whether events that workflows cause start a workflow: chosen by its trigger, or by what its steps do."""

import pytest

from stripeflow.workflows.definition.caused import caused_words, takes_caused_events
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.definition.validation import validate
from tests.workflows.documents import action, branch, document

HARMLESS, MOVES, GONE = "stripe.customers.update", "stripe.refunds.create", "acme.gone"


def listening(key, chosen=None, *, inside=False):
    step = action("one", key)
    steps = [branch("choose", otherwise=(step,))] if inside else [step]
    made = document(*steps)
    if chosen:
        made["trigger"]["caused_events"] = chosen
    return made


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(
    ("key", "chosen", "takes"),
    [
        (HARMLESS, None, True),
        (MOVES, None, False),
        # What nobody knows may move money.
        (GONE, None, False),
        (HARMLESS, "ignore", False),
        (MOVES, "ignore", False),
        (HARMLESS, "start", True),
        (MOVES, "start", True),
    ],
)
def test_what_is_grave_is_closed_unless_its_author_opens_it(key, chosen, takes, inside):
    made = listening(key, chosen, inside=inside)
    assert takes_caused_events(made) is takes
    assert build(made, {}).takes_caused is takes


@pytest.mark.parametrize(
    ("key", "chosen", "warns"),
    [(MOVES, "start", True), (MOVES, None, False), (MOVES, "ignore", False), (HARMLESS, "start", False)],
)
def test_only_what_is_grave_and_open_warns(key, chosen, warns):
    found = {problem.code: problem for problem in validate(listening(key, chosen)).problems.warnings}
    assert ("grave_caused_events" in found) is warns
    if warns:
        assert found["grave_caused_events"].path == "/trigger/caused_events"


def test_words():
    assert caused_words(listening(MOVES)) == "They start it, unless it moves money or destroys something"
    assert caused_words(listening(MOVES, "start")) == "They start it"
    assert caused_words(listening(MOVES, "ignore")) == "They do not start it"
