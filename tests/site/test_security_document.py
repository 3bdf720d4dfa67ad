"""docs/security.md says what the code does: its table of roles, and a test beside each line that is met."""

import ast
import re
from pathlib import Path

import pytest

from stripeflow.actions import registry
from stripeflow.workflows.access import roles
from stripeflow.workflows.access.guarded import GUARDED
from tests.workflows.documents import action, document

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
_TABLE = re.compile(r"<!-- roles: [^>]*-->\n(.*?)<!-- /roles -->", re.DOTALL)
_GUARDED = re.compile(r"<!-- guarded: [^>]*-->\n(.*?)<!-- /guarded -->", re.DOTALL)
LINES = re.findall(r"^\| (\d+\.\d+\.\d+.*?) \| (.*) \| (.*?) ?\|$", TEXT, re.MULTILINE)


def table_of_roles():
    """The permissions by role, as Markdown."""
    names = list(dict.fromkeys(name for role in roles.ROLES for name in role.permissions))
    head = ["permission", *(role.key for role in roles.ROLES)]
    rows = [
        [_words(name), *("✓" if name in role.permissions else "" for role in roles.ROLES)] for name in names
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def table_of_guarded_kinds():
    """What needs a permission of its own, with the actions of ours that do it, as Markdown."""
    built_in = [
        one for one in registry.all() if type(one).__module__.startswith("stripeflow.actions.builtin.")
    ]
    lines = ["| a workflow that | needs | actions |\n", "| --- | --- | --- |\n"]
    for kind in GUARDED:
        found = [str(one.label) for one in built_in if kind.is_in(document(action("one", one.key)))]
        lines.append(f"| {kind.label} | {_words(kind.permission)} | {', '.join(found)} |\n")
    return "".join(lines)


def _words(name):
    return f"`{name.removeprefix('stripeflow_')}`"


def test_the_table_of_roles_is_the_code_s():
    assert _TABLE.search(TEXT)[1] == table_of_roles()


def test_the_table_of_what_is_guarded_is_the_code_s():
    assert _GUARDED.search(TEXT)[1] == table_of_guarded_kinds()


def test_each_role_is_described_where_groups_are_made():
    guide = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    assert [role.key for role in roles.ROLES if f"*{role.key}*" not in guide] == []


def test_the_requirements_are_read():
    assert len(LINES) > 40


@pytest.mark.parametrize(("requirement", "how", "named"), LINES, ids=[line[0] for line in LINES])
def test_each_requirement_names_a_test_that_is_there_or_is_said_to_be_open(requirement, how, named):
    if not named:
        assert how.startswith("**open**"), requirement
        return
    path, _, function = named.strip("`").partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert function in functions if function else any(name.startswith("test_") for name in functions)
