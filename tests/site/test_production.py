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
    "STRIPEFLOW_SECRET_KEYS": secrets.token_urlsafe(32),
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
    return run_manage(folder, "check", "--deploy", "--fail-level", "WARNING", **variables)


def run_manage(folder, *command, **variables):
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
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
        ("STRIPEFLOW_SECRET_KEYS", "stripeflow.W007"),
        ("STRIPE_LIVE_SECRET_KEY", "stripeflow.W005"),
        ("EMAIL_URL", "stripeflow.W104"),
        ("STRIPEFLOW_BASE_URL", "stripeflow.W105"),
    ],
)
def test_what_is_left_out_is_reported(tmp_path, missing, told):
    done = run_check(tmp_path, **{name: value for name, value in PRODUCTION.items() if name != missing})
    assert done.returncode != 0
    assert told in done.stderr


@pytest.mark.parametrize("debug", [{}, {"DEBUG": "0"}], ids=["default", "off"])
def test_a_site_that_others_reach_does_not_start_without_https(tmp_path, debug):
    done = run_check(tmp_path, **{**PRODUCTION, "SECURE": "0"}, **debug)
    assert done.returncode != 0
    assert "Others reach this site as flows.example.com" in done.stderr


def test_a_site_of_a_closed_network_starts_by_choice_and_is_reported(tmp_path):
    done = run_check(tmp_path, **{**PRODUCTION, "SECURE": "0", "PLAIN_HTTP": "1"})
    assert "security.W008" in done.stderr


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({}, "max-age=31536000"),
        ({"SECURE_HSTS_INCLUDE_SUBDOMAINS": "1"}, "max-age=31536000; includeSubDomains"),
        ({"SECURE_HSTS_PRELOAD": "1"}, "max-age=31536000; preload"),
    ],
    ids=["neither", "sub-domains", "preload"],
)
def test_other_names_of_the_domain_are_left_alone_unless_asked_for(tmp_path, variables, header):
    asked = (
        "from django.http import HttpResponse; from django.middleware.security import SecurityMiddleware; "
        "from django.test import RequestFactory; "
        "request = RequestFactory().get('/', secure=True, HTTP_HOST='flows.example.com'); "
        "print(SecurityMiddleware(lambda request: HttpResponse())(request)['Strict-Transport-Security'])"
    )
    done = run_manage(tmp_path, "shell", "--no-imports", "--command", asked, **PRODUCTION, **variables)
    assert done.stdout.strip() == header


def test_production_example_is_the_documented_one():
    documented = (ROOT / "docs" / "settings.md").read_text()
    assert [name for name in PRODUCTION if f"\n{name}=" not in documented] == []


def test_an_empty_folder_is_the_one_beside_the_code(tmp_path):
    show = "from django.conf import settings; print(settings.VAR_DIR)"
    folder = run_manage("", "shell", "-v0", "-c", show).stdout.strip()
    assert folder == str(ROOT / "var")
