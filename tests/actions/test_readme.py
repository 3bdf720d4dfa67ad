import re
from pathlib import Path

import pytest

from stripeflow import actions
from stripeflow.actions import registry
from stripeflow.actions.forms import build_form

README = (Path(actions.__file__).parent / "README.md").read_text()


@pytest.fixture
def example(monkeypatch):
    """The action of the README, registered as if an app had brought it."""
    monkeypatch.setattr(registry, "_actions", dict(registry._actions))
    (source,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(source, {"__name__": "shop.stripeflow_actions"})
    return registry.get("shop.note_order")


def test_the_example_runs(example, context):
    rendered = example.map_templates(
        {"customer": "{{ trigger.customer }}", "note": "Hi"}, lambda _text: "cus_1"
    )
    assert example.execute({**rendered, "note": "Hi"}, context) == {"line": "cus_1: Hi"}


def test_the_example_has_a_form(example):
    form = build_form(example)({"customer": "cus_1", "note": "Hi"})
    assert form.is_valid()
    assert form.cleaned_inputs() == {"customer": "cus_1", "note": "Hi"}


def test_the_example_checks_its_inputs(example):
    assert [problem.message for problem in example.check({})] == ["“Customer ID” is required."]


def test_the_example_returns_what_it_declares(example, context):
    answer = example.execute({"customer": "cus_1", "note": "Hi"}, context)
    assert set(answer) == {field.name for field in example.outputs.fields}


def test_the_class_of_the_example_is_twenty_lines():
    (source,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len([line for line in source.splitlines() if line.strip()]) <= 20


def test_every_module_stands_in_the_map():
    folder = Path(actions.__file__).parent
    modules = {path.name for path in folder.glob("*.py")} - {"__init__.py", "apps.py", "problems.py"}
    assert {name for name in modules if f"`{name}`" not in README} == set()


def test_every_error_code_of_stripe_stands_in_the_table():
    source = (Path(actions.__file__).parent / "stripe_client.py").read_text()
    codes = set(re.findall(r'code="(\w+)"', source)) | set(re.findall(r'code = "(\w+)"', source))
    assert {code for code in codes if f"`{code}`" not in README} == set()
