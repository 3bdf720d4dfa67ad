from io import StringIO
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from djstripe.models import Account, APIKey, WebhookEndpoint

from stripeflow.triggers import djstripe_webhook, vouching
from stripeflow.triggers.signing_secrets import opened

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.triggers.urls")]

UUID_TEXT = "6f1c7a52-1111-4222-8333-944455556666"
KEY = "sk_test_" + "c" * 24


@pytest.fixture(autouse=True)
def _environment(monkeypatch, settings):
    monkeypatch.delenv("STRIPE_WEBHOOK_SECRET", raising=False)
    settings.STRIPE_TEST_SECRET_KEY = KEY


def run(*arguments):
    out, err = StringIO(), StringIO()
    call_command("stripeflow_endpoint", *arguments, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue()


def test_prints_the_path_and_makes_the_row(monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_env")
    path, report = run("--url", "https://shop.example/", "--uuid", UUID_TEXT)
    row = WebhookEndpoint.objects.get()
    assert path == f"/stripe/webhook/{UUID_TEXT}/"
    assert row.url == f"https://shop.example{path}"
    assert (opened(row.secret), row.livemode, row.djstripe_uuid) == ("whsec_env", False, UUID(UUID_TEXT))
    assert "whsec" not in path + report


def test_the_first_run_may_lack_the_secret_and_says_so():
    _path, report = run()
    assert "no signing secret yet" in report
    assert WebhookEndpoint.objects.get().secret == ""


def test_the_second_run_keeps_the_url_and_adds_the_secret(tmp_path):
    first, _report = run()
    secret = tmp_path / "secret"
    secret.write_text("whsec_file\n")
    second, report = run("--secret-file", str(secret))
    assert first == second
    assert opened(WebhookEndpoint.objects.get().secret) == "whsec_file"
    assert "no signing secret" not in report


def test_a_run_without_a_secret_keeps_the_stored_one(monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_env")
    run()
    monkeypatch.delenv("STRIPE_WEBHOOK_SECRET")
    run("--url", "https://new.example")
    row = WebhookEndpoint.objects.get()
    assert opened(row.secret) == "whsec_env"
    assert row.url.startswith("https://new.example/")


def test_live_and_test_have_endpoints_of_their_own():
    run()
    run("--live")
    assert set(WebhookEndpoint.objects.values_list("livemode", flat=True)) == {True, False}


def test_no_row_holds_the_key_or_the_secret(monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_env")
    run("--account", "acct_1")
    assert "whsec_env" not in WebhookEndpoint.objects.get().secret
    assert KEY not in APIKey.objects.get().secret


def test_a_secret_that_an_older_version_kept_in_clear_is_encrypted(monkeypatch):
    monkeypatch.setattr(djstripe_webhook, "is_mounted", lambda: False)
    run()
    WebhookEndpoint.objects.update(secret="whsec_old")
    run()
    row = WebhookEndpoint.objects.get()
    assert row.secret != "whsec_old"
    assert opened(row.secret) == "whsec_old"


def test_a_secret_that_djstripes_own_webhook_reads_stays_as_it_is(monkeypatch):
    run()
    WebhookEndpoint.objects.update(secret="whsec_old")
    monkeypatch.setattr(djstripe_webhook, "is_mounted", lambda: True)
    run()
    assert WebhookEndpoint.objects.get().secret == "whsec_old"


def test_a_secret_that_no_key_opens_stays_until_there_is_another(settings, monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_env")
    run()
    kept = WebhookEndpoint.objects.get().secret
    monkeypatch.delenv("STRIPE_WEBHOOK_SECRET")
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": [Fernet.generate_key().decode()]}
    run()
    assert WebhookEndpoint.objects.get().secret == kept
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_new")
    run()
    assert opened(WebhookEndpoint.objects.get().secret) == "whsec_new"


def test_a_secret_that_does_not_fit_is_refused(monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_" + "a" * 200)
    with pytest.raises(CommandError, match="too long"):
        run()


def test_the_account_and_whose_the_key_is_are_seeded():
    run("--account", "acct_1")
    run("--account", "acct_1")
    assert Account.objects.get().id == "acct_1"
    assert APIKey.objects.get().djstripe_owner_account.id == "acct_1"
    assert WebhookEndpoint.objects.get().djstripe_owner_account.id == "acct_1"


def test_whose_events_it_takes_stays_until_it_is_said_again():
    told = []
    for arguments in ((), ("--own-account-only",), (), ("--all-accounts",)):
        run(*arguments)
        told.append(WebhookEndpoint.objects.get().metadata)
    own = {vouching.ACCOUNTS: vouching.OWN_ACCOUNT_ONLY}
    assert told == [{}, own, own, {}]


def test_a_disabled_endpoint_is_enabled_again():
    run()
    WebhookEndpoint.objects.update(status="disabled")
    run()
    assert WebhookEndpoint.objects.get().status == "enabled"


def test_a_malformed_key_is_refused_without_showing_it(settings):
    settings.STRIPE_TEST_SECRET_KEY = "not-a-key"
    with pytest.raises(CommandError) as caught:
        run("--account", "acct_1")
    assert "not-a-key" not in str(caught.value)
    assert not Account.objects.exists()


def test_an_unreadable_secret_file_is_an_error():
    with pytest.raises(CommandError, match="cannot be read"):
        run("--secret-file", "/nonexistent/secret")


@pytest.mark.urls("django.contrib.auth.urls")
def test_a_project_without_our_urls_is_reported_as_such():
    with pytest.raises(CommandError, match="do not include"):
        run()
