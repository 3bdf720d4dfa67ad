"""Only a few modules may open the network."""

import importlib.util

import pytest

from stripeflow_site.local.installation import ROOT


def load():
    spec = importlib.util.spec_from_file_location("network_imports", ROOT / ".ci" / "network_imports.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


network_imports = load()


@pytest.fixture
def tree(tmp_path):
    """A source tree of one module."""

    def tree(name, source):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        return list(network_imports.violations(tmp_path))

    return tree


def test_project_keeps_to_the_allowed_places():
    assert list(network_imports.violations()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import requests",
        "import requests.adapters as a",
        "from requests import get",
        "from urllib import request",
        "import urllib.request",
        "import http.client",
        "from http import client",
        "import smtplib",
        "def late():\n    import socket",
    ],
)
def test_network_module_is_found(tree, source):
    assert len(tree("workflows/engine/late.py", source)) == 1


@pytest.mark.parametrize(
    "source",
    ["import urllib.parse", "from http import HTTPStatus", "from . import requests", "import stripe"],
)
def test_harmless_module_passes(tree, source):
    assert tree("workflows/engine/late.py", source) == []


def test_allowed_place_may_import_what_it_is_allowed(tree):
    assert tree("stripeflow_site/local/api.py", "import http.client") == []
    assert len(tree("stripeflow_site/local/api.py", "import requests")) == 1


def test_every_allowed_place_exists():
    assert [name for name in network_imports.ALLOWED if not (ROOT / name).exists()] == []
