import json

import pytest

from stripeflow_site.standin.ledger import Ledger


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "ledger.jsonl"


@pytest.fixture
def ledger(path):
    ledger = Ledger(path)
    yield ledger
    ledger.close()


def test_line_is_on_disk_at_once(ledger, path):
    ledger.write("effect", effect="refund.created")

    [line] = [json.loads(text) for text in path.read_text().splitlines()]
    assert (line["kind"], line["seq"], line["effect"]) == ("effect", 1, "refund.created")


def test_entries_are_filtered(ledger):
    for kind in ("request", "effect", "effect"):
        ledger.write(kind)

    assert [entry["seq"] for entry in ledger.entries(kind="effect", after=2)] == [3]


def test_ledger_is_appended_to(path):
    for _ in range(2):
        ledger = Ledger(path)
        ledger.write("note")
        ledger.close()

    assert [json.loads(text)["seq"] for text in path.read_text().splitlines()] == [1, 2]


def test_reset_keeps_the_file_and_hides_what_was_before(ledger, path):
    ledger.write("effect", effect="old")
    ledger.forget()
    ledger.write("effect", effect="new")

    assert [entry["effect"] for entry in ledger.entries(kind="effect")] == ["new"]
    assert len(path.read_text().splitlines()) == 3


def test_recent_effects_do_not_change_afterwards(ledger):
    data = {"a": 1}
    ledger.write("effect", data=data)
    data["a"] = 2

    assert ledger.recent[0]["data"] == {"a": 1}
