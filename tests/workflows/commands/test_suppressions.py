import io

import pytest
from django.core.management import CommandError, call_command

from stripeflow.actions.models import Suppression

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch):
    def run(*arguments, given=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        out = io.StringIO()
        call_command("stripeflow_suppressions", *arguments, stdout=out)
        return out.getvalue()

    return run


def test_addresses_are_added_listed_and_removed(run):
    assert (
        run("add", "Jane@example.com", "--reason", "bounce", "--note", "550") == "Added: jane@example.com.\n"
    )
    assert run("add", "jane@example.com", "--reason", "bounce") == "There already: jane@example.com.\n"
    (line,) = run("list").splitlines()
    assert line.split("\t")[:2] == ["jane@example.com", "bounce"]
    assert run("list", "--reason", "complaint") == ""
    assert run("remove", "JANE@example.com") == "Removed: jane@example.com (bounce).\n"
    assert not Suppression.objects.exists()


def test_addresses_are_imported_from_a_file_or_from_standard_input(run, tmp_path):
    file = tmp_path / "bounces.txt"
    file.write_text("a@example.com\nb@example.com\n")
    assert run("import", str(file), "--reason", "bounce") == "Added: 2. There already: 0.\n"
    assert run("import", given="b@example.com\nc@example.com\n") == "Added: 2. There already: 0.\n"
    assert Suppression.objects.count() == 4


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (("add", "jane"), "", "not one e-mail address"),
        (("remove", "jane@example.com"), "", "not on the list"),
        (("import",), "nobody\na@example.com\n", "left out: 1"),
        (("import", "/nowhere/list.txt"), "", "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said(run, arguments, given, said):
    with pytest.raises(CommandError, match=said):
        run(*arguments, given=given)
