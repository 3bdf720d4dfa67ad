"""Sentences that end with a time end with one stop."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation

import stripeflow.triggers
import stripeflow.workflows
from stripeflow.workflows.display.times import before_stop

TEMPLATES = [
    path
    for app in (stripeflow.triggers, stripeflow.workflows)
    for path in (Path(app.__file__).parent / "templates").rglob("*.html")
]
BLOCK = re.compile(r"{% blocktranslate\b(?P<with>.*?)%}(?P<text>.*?){% endblocktranslate", re.DOTALL)


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "Nov. 30, 2026, 9:30 a.m"), ("ja", "2026年11月30日9:30")]
)
def test_a_time_as_the_last_word(language, shown, settings):
    settings.TIME_ZONE = "UTC"
    with translation.override(language):
        assert before_stop(datetime(2026, 11, 30, 9, 30, tzinfo=UTC)) == shown


def test_no_template_puts_a_stop_behind_a_time_that_may_have_one():
    found = []
    for path in TEMPLATES:
        for block in BLOCK.finditer(path.read_text()):
            times = re.findall(r"(\w+)=\S+\|date:\"[A-Z_]*DATETIME", block["with"])
            found += [(path.name, name) for name in times if re.search(rf"{{{{ {name} }}}}\.", block["text"])]
    assert len(TEMPLATES) > 50
    assert found == []
