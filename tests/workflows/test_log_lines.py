import logging

import pytest

from workflows.log_lines import KeyValueFormatter


@pytest.fixture
def line():
    formatter = KeyValueFormatter("%(levelname)s %(name)s %(message)s")

    def written(message, *args, exc_info=None, **facts):
        record = logging.getLogger("triggers.views").makeRecord(
            "triggers.views", logging.WARNING, "views.py", 1, message, args, exc_info, extra=facts
        )
        return formatter.format(record)

    return written


def test_line_carries_the_facts_of_its_record(line):
    written = line("triggers.webhook.refused", code="bad_signature", event_id=7)
    assert written == "WARNING triggers.views triggers.webhook.refused code=bad_signature event_id=7"


def test_line_without_facts_is_the_usual_one(line):
    assert line("%s runs", 3) == "WARNING triggers.views 3 runs"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", '""'),
        ("two words", '"two words"'),
        ("a=b", '"a=b"'),
        ('say "no"', r'"say \"no\""'),
        ("one\nERROR forged", r'"one\nERROR forged"'),
        ("\u202eabc", r'"\u202eabc"'),
        (None, "None"),
    ],
)
def test_value_cannot_look_like_another_fact_or_line(line, value, shown):
    assert line("x", note=value) == f"WARNING triggers.views x note={shown}"


def test_exception_follows_the_facts(line):
    try:
        raise ValueError("no")
    except ValueError as error:
        written = line("x", exc_info=(ValueError, error, error.__traceback__), run="r1")
    first, *rest = written.splitlines()
    assert first == "WARNING triggers.views x run=r1"
    assert rest[-1] == "ValueError: no"
