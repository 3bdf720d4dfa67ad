import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet
from djstripe.models import APIKey, WebhookEndpoint

from stripeflow.triggers import djstripe_webhook, secret_checks, signing_secrets
from stripeflow.triggers.signature import InvalidSignature

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(settings):
    """Sets one new key that encrypts, in the place of those from before."""

    def set_key():
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": [Fernet.generate_key().decode()]}

    return set_key


def told():
    found = secret_checks.check_stored_secrets(None, databases=["default"])
    return [message.id.removeprefix("stripeflow.") for message in found]


def test_a_secret_in_clear_works_and_is_warned_of_until_it_is_rotated(endpoint):
    secret = endpoint.secret
    assert signing_secrets.opened(secret) == secret
    assert told() == ["W008"]
    assert signing_secrets.rotate() == 1
    endpoint.refresh_from_db()
    assert secret not in endpoint.secret
    assert signing_secrets.opened(endpoint.secret) == secret
    assert (told(), signing_secrets.rotate()) == ([], 0)


def test_where_djstripes_webhook_is_mounted_its_secrets_stay_in_clear(endpoint, monkeypatch):
    monkeypatch.setattr(djstripe_webhook, "is_mounted", lambda: True)
    assert signing_secrets.rotate() == 0
    assert told() == ["W008"]


def test_a_secret_of_a_lost_key_is_refused_and_warned_of(endpoint, key):
    signing_secrets.rotate()
    endpoint.refresh_from_db()
    assert signing_secrets.opened(endpoint.secret)
    key()
    with pytest.raises(InvalidSignature, match="another key"):
        signing_secrets.opened(endpoint.secret)
    assert told() == ["W009"]


def test_a_key_of_the_settings_in_djstripes_table_is_warned_of(settings):
    settings.STRIPE_TEST_SECRET_KEY = "sk_test_" + "a" * 24
    APIKey.objects.create(secret=settings.STRIPE_TEST_SECRET_KEY, type="secret", livemode=False, name="Mine")
    assert told() == ["W008"]


def test_an_endpoint_without_a_secret_is_nothing_to_tell():
    WebhookEndpoint.objects.create(
        id="we_1", secret="", url="https://a.example/", enabled_events=["*"], livemode=False, status="enabled"
    )
    assert (told(), signing_secrets.rotate()) == ([], 0)


def test_other_databases_are_not_looked_at():
    assert secret_checks.check_stored_secrets(None, databases=["other"]) == []


def test_keys_that_follow_from_the_secret_key_are_warned_of(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": []}
    assert [message.id for message in secret_checks.check_secret_keys(None)] == ["stripeflow.W007"]
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": [Fernet.generate_key().decode()]}
    assert secret_checks.check_secret_keys(None) == []


@pytest.mark.parametrize(
    ("file", "folder", "ids"),
    [(0o644, 0o755, ["stripeflow.W010"]), (0o600, 0o755, []), (0o644, 0o700, [])],
)
def test_a_database_file_that_all_can_read_is_warned_of(monkeypatch, file, folder, ids):
    # Not in pytest's folder, which is closed to others.
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        path = Path(name) / "db.sqlite3"
        path.touch()
        path.chmod(file)
        Path(name).chmod(folder)
        found = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path}, "other": {"ENGINE": "x"}}
        monkeypatch.setattr(secret_checks, "settings", SimpleNamespace(DATABASES=found))
        assert [message.id for message in secret_checks.check_database_file(None)] == ids


def test_a_database_in_memory_has_no_file(monkeypatch):
    found = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    monkeypatch.setattr(secret_checks, "settings", SimpleNamespace(DATABASES=found))
    assert secret_checks.check_database_file(None) == []
