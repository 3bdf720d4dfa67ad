"""The two workflows of the state machine that people edit, activate and pause."""

from typing import Any

from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way


def long(text: str) -> dict[str, Any]:
    """Keyed steps, a read, a branch, a step that gives up soon and takes an error branch, and an e-mail."""
    large = group(compare("trigger.amount", "greater_than", usd(500)))
    soon = {**action("more", "test.keyed", text="{{ steps.look.text }}"), "retry": {"max_attempts": 2}}
    mended = failing(soon, action("mend", "test.keyed", text="{{ steps.more.error.code }}"))
    more = way("large", large, mended)
    return document(
        action("first", "test.keyed", text="{{ trigger.id }} " + text),
        action("look", "test.safe", text="{{ steps.first.text }}"),
        branch("choose", more, otherwise=(action("tell", "test.ask", text=text),)),
        action("last", "test.keyed", text="{{ event.id }}"),
        name="Long",
    )


def short(text: str) -> dict[str, Any]:
    """Two keyed steps with a wait between them, for large amounts only."""
    large = group(compare("trigger.amount", "greater_than", usd(500)))
    later = action("later", "test.keyed", text="{{ steps.wait.until }}")
    steps = action("only", "test.keyed", text=text), wait("wait", 5, "minutes"), later
    return document(*steps, conditions=large, name="Short")
