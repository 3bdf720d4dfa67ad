"""Operators and filters of installed apps are found by the names of their modules."""

import pytest
from django.apps import AppConfig, apps

from stripeflow.workflows.apps import discover
from stripeflow.workflows.conditions import OPERATORS
from stripeflow.workflows.references import FILTERS

OPERATOR = """
from stripeflow.workflows.conditions.operators import register
from tests.workflows.made_up_operator import DIVISIBLE

register(DIVISIBLE)
"""
FILTER = """
from stripeflow.workflows.references.filters import Filter, register

register(Filter("acme_mirrored", "Mirrored", "Writes a text backwards.", lambda given: given.value[::-1]))
"""


@pytest.fixture
def host(tmp_path, monkeypatch):
    """An installed app with a module of each kind."""
    folder = tmp_path / "acme_host"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "stripeflow_operators.py").write_text(OPERATOR, encoding="utf-8")
    (folder / "stripeflow_filters.py").write_text(FILTER, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(apps, "app_configs", {"acme_host": AppConfig.create("acme_host")})


@pytest.mark.usefixtures("host")
def test_an_installed_app_registers_its_own():
    discover()
    assert OPERATORS.pop("acme_divisible_by").label == "is divisible by"
    assert FILTERS.pop("acme_mirrored").label == "Mirrored"
