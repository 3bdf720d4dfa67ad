"""Nobody asks of what type a trigger is, but the registry: one more type is one module and one entry."""

import ast

import pytest

from stripeflow.triggers.types import registry
from stripeflow_site.local.installation import ROOT

# Documents are written out here: a ready-made workflow, and the example of the API.
# The sources of events may be called as the types are.
WRITTEN = ("workflows/workflow_templates/", "workflows/api/examples.py", "triggers/models.py")
OURS = (
    "triggers/types/",
    "workflows/definition/finished/",
    "workflows/definition/on_demand/",
    "workflows/migrations/",
    "triggers/migrations/",
)


def names_in(source):
    """The texts of a module that are the key of a type, or the name of one of its settings."""
    keys = {one.type for one in registry.all()}
    settings = {setting.name for one in registry.all() for setting in one.settings}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in keys:
            yield node.value
        read = node.slice if isinstance(node, ast.Subscript) else None
        # The API's own parameters of an address are no settings.
        is_settings = read is not None and getattr(node.value, "id", "") != "query"
        if is_settings and isinstance(read, ast.Constant) and read.value in settings:
            yield read.value


@pytest.mark.parametrize("package", ["workflows", "triggers", "actions"])
def test_no_module_names_a_type_or_reads_its_settings(package):
    named = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith((*OURS, *WRITTEN)) and (found := set(names_in(path.read_text("utf-8")))):
            named[name] = found
    assert named == {}


@pytest.mark.parametrize(
    "source", ['kind == "stripe_event"', 'trigger["event_type"]', 'settings["event_type"] = 1']
)
def test_such_a_name_is_found(source):
    assert set(names_in(source))
