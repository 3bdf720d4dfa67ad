"""`stripeflow_tables` copies where there is no database, and is `migrate` everywhere else."""

import pytest
from django.core.management import call_command

from stripeflow_site.local.tables.cache import Templates
from stripeflow_site.management.commands import stripeflow_tables


@pytest.fixture
def migrated(monkeypatch):
    """How often `migrate` was called."""
    calls = []
    monkeypatch.setattr(stripeflow_tables, "call_command", lambda name, **_options: calls.append(name))
    return calls


def refuse(*_arguments):
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("copy", [lambda *_arguments: None, refuse])
def test_it_migrates_where_nothing_can_be_copied(migrated, monkeypatch, tmp_path, capsys, copy):
    monkeypatch.setattr(Templates, "copy_to", copy)
    call_command("stripeflow_tables", templates=tmp_path)
    assert migrated == ["migrate"]
    assert "Copied" not in capsys.readouterr().out


def test_it_migrates_outside_of_a_virtual_environment(migrated, monkeypatch):
    monkeypatch.setattr(Templates, "copy_to", lambda *_arguments: pytest.fail("There is no folder for it."))
    call_command("stripeflow_tables", templates=None)
    assert migrated == ["migrate"]


def test_it_does_not_migrate_what_was_copied(migrated, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(Templates, "copy_to", lambda *_arguments: tmp_path / "made.sqlite3")
    call_command("stripeflow_tables", templates=tmp_path)
    assert migrated == []
    assert capsys.readouterr().out == f"Copied {tmp_path / 'made.sqlite3'}\n"
