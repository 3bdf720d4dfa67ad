"""What the audit log's keys are called on pages."""

import ast
from pathlib import Path

import pytest
from django.utils import translation

from stripeflow.triggers.reconcile import Counts
from stripeflow.workflows.admin.audit import _PAGES
from stripeflow.workflows.audit import names, words
from tests.translations.sources import ROOT


def _written(path: Path):
    """The keys of the facts that a module gives to the audit log where it calls it."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("record", "_record"):
            given = [word.value for word in call.keywords if word.arg in ("before", "after")]
            yield from (key.value for one in given if isinstance(one, ast.Dict) for key in one.keys if key)


def test_every_fact_that_is_written_down_has_a_name():
    found = {key for path in (ROOT / "workflows").rglob("*.py") for key in _written(path)}
    assert {"revision", "version", "template", "owner", "entries"} <= found
    assert {*found, *vars(Counts())} - names.FACTS.keys() == set()


def test_every_kind_of_object_with_a_page_has_a_name():
    assert _PAGES.keys() - names.OBJECTS.keys() == set()


@pytest.mark.parametrize(
    ("facts", "english", "japanese"),
    [
        ({"version": None}, "version: —", "バージョン: —"),
        ({"is_active": False}, "active: no", "有効: いいえ"),
        ({"status": "archived"}, "status: Archived", "ステータス: アーカイブ済み"),
        ({"goal": "tell_the_team"}, "goal: Tell the team", "目的: チームに知らせる"),
        ({"changed": ["Name", "Refund it"]}, "changed: Name / Refund it", "変更箇所: Name / Refund it"),
        ({"usd": 1000}, "usd: 1000", "usd: 1000"),
    ],
)
def test_facts_are_said_in_the_language_of_the_page(facts, english, japanese):
    assert words.facts(facts) == english
    with translation.override("ja"):
        assert words.facts(facts) == japanese


def test_what_has_no_name_is_shown_by_its_key():
    assert (names.name_of_object("crm.deal"), words.facts({"deal": "D-1"})) == ("crm.deal", "deal: D-1")
