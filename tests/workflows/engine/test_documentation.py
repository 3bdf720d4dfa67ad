import pytest

from stripeflow.actions.repeat import Repeat
from stripeflow.workflows.engine import documentation
from stripeflow.workflows.engine.decision_table import TABLE, Age, Record, Result, Then, Tries
from stripeflow.workflows.engine.documentation import PAGE, decision_table
from stripeflow.workflows.references.documentation import section


def test_page_has_the_table_of_today():
    """Run `python -m stripeflow.workflows.engine.documentation` if it has not."""
    assert section(PAGE.read_text(encoding="utf-8"), "what follows") == decision_table()


def test_table_has_every_row_once():
    _head, _line, *rows = decision_table().splitlines()
    assert len(set(rows)) == len(rows) == len(TABLE)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (documentation.RESULTS, Result),
        (documentation.REPEATS, Repeat),
        (documentation.AGES, Age),
        (documentation.RECORDS, Record),
        (documentation.TRIES, Tries),
        (documentation.WHAT_FOLLOWS, Then),
    ],
)
def test_everything_has_words_of_its_own(words, kind):
    assert list(words) == list(kind)
    assert len(set(words.values())) == len(words)
