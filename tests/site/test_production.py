"""The settings that a production site is told to use pass every check."""

import os
import secrets
import subprocess
import sys

import pytest

from stripeflow_site.local.installation import INHERITED, ROOT

# As docs/settings.md has it under “Production”.
PRODUCTION = {
    "SECURE": "1",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "flows.example.com",
    "DATABASE_URL": "postgres://stripeflow:password@db.example.com/stripeflow",
    "REDIS_URL": "rediss://:password@queue.example.com:6379/0",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "StripeFlow <flows@example.com>",
    "STRIPE_LIVE_MODE": "1",
    "STRIPE_LIVE_SECRET_KEY": "sk_live_" + "0" * 24,
    "STRIPEFLOW_BASE_URL": "https://flows.example.com",
}


def run_check(folder, **variables):
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**inherited, "STRIPEFLOW_ENV_FILE": "", "STRIPEFLOW_VAR_DIR": str(folder), **variables},
        capture_output=True,
        text=True,
    )


def test_production_settings_pass_every_check(tmp_path):
    done = run_check(tmp_path, **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("SECURE", "security.W008"),
        ("STRIPE_LIVE_SECRET_KEY", "stripeflow.W005"),
        ("EMAIL_URL", "stripeflow.W104"),
        ("STRIPEFLOW_BASE_URL", "stripeflow.W105"),
    ],
)
def test_what_is_left_out_is_told(tmp_path, missing, told):
    done = run_check(tmp_path, **{name: value for name, value in PRODUCTION.items() if name != missing})
    assert done.returncode != 0
    assert told in done.stderr


def test_production_example_is_the_documented_one():
    documented = (ROOT / "docs" / "settings.md").read_text()
    assert [name for name in PRODUCTION if f"\n{name}=" not in documented] == []
