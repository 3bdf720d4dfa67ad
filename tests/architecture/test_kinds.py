"""Only `blocks` asks what kind a step is; everybody else asks the block."""

import ast

import pytest

from stripeflow_site.local.installation import ROOT

WORKFLOWS = ROOT / "workflows"
KINDS = {"action", "branch"}
PLANS = {"ActionPlan", "BranchPlan", "BlockPlan"}
MODULES = sorted(
    path
    for path in WORKFLOWS.rglob("*.py")
    if not {"migrations", "blocks"} & set(path.relative_to(WORKFLOWS).parts)
)


def asks_for_kind(node):
    """Whether a comparison is of something called kind or type with the name of a kind."""
    if not isinstance(node, ast.Compare):
        return False
    sides = [node.left, *node.comparators]
    named = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)} & KINDS
    return bool(named) and any(_is_kind(side) for side in sides)


def _is_kind(side):
    if isinstance(side, ast.Subscript):
        return isinstance(side.slice, ast.Constant) and side.slice.value in ("type", "kind")
    return isinstance(side, ast.Attribute) and side.attr in ("type", "kind")


def asks_for_plan(node):
    """Whether it asks of what class a planned step is."""
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    if not is_call or node.func.id != "isinstance":
        return False
    return any(isinstance(one, ast.Name) and one.id in PLANS for one in ast.walk(node.args[1]))


@pytest.mark.parametrize("asks", [asks_for_kind, asks_for_plan])
def test_nobody_else_asks_what_kind_a_step_is(asks):
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if asks(node)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ('step["type"] == "branch"', asks_for_kind),
        ('step.kind != "action"', asks_for_kind),
        ('step["type"] in ("action", "branch")', asks_for_kind),
        ("isinstance(step, ActionPlan | BranchPlan)", asks_for_plan),
    ],
)
def test_such_a_question_is_found(line, asks):
    assert any(map(asks, ast.walk(ast.parse(line))))


def test_no_template_asks_either():
    asking = [
        str(path.relative_to(ROOT))
        for path in WORKFLOWS.rglob("*.html")
        for kind in KINDS
        if f'card.kind == "{kind}"' in path.read_text() or f'card.kind != "{kind}"' in path.read_text()
    ]
    assert asking == []
