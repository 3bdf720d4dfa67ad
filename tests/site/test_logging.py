"""The lines that the site logs."""

import json
import os
import subprocess
import sys

import pytest

from stripeflow_site.local.installation import INHERITED, ROOT

REFUSED = """
import logging

import django

django.setup()
logger = logging.getLogger("stripeflow.triggers.views")
logger.warning("triggers.webhook.refused", extra={"code": "bad_signature"})
"""


@pytest.fixture
def logged(tmp_path):
    """What the site prints of a refused webhook, with these variables."""

    def run(**variables):
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        own = {
            "STRIPEFLOW_ENV_FILE": "",
            "STRIPEFLOW_VAR_DIR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "stripeflow_site.settings",
        }
        command = [sys.executable, "-c", REFUSED]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**inherited, **own, **variables},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stderr

    return run


def test_line_names_why_a_webhook_was_refused(logged):
    assert logged().strip().endswith("stripeflow.triggers.views triggers.webhook.refused code=bad_signature")


def test_lines_are_json_by_a_variable(logged):
    line = json.loads(logged(LOG_JSON="1"))
    assert (line["name"], line["message"]) == ("stripeflow.triggers.views", "triggers.webhook.refused")
    assert (line["levelname"], line["code"]) == ("WARNING", "bad_signature")
