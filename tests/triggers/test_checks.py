from unittest import mock

import pytest
from django.core import checks as django_checks

from stripeflow.triggers import checks
from stripeflow.triggers.queue import temporarily
from stripeflow.triggers.queue.memory import MemoryBackend


def ids(messages):
    return [message.id for message in messages]


def test_the_sites_own_settings_are_clean():
    found = [
        *checks.check_router(None),
        *checks.check_settings(None),
        *checks.check_sqlite_transactions(None),
        *checks.check_queue_security(None),
        *checks.check_debug_secret_header(None),
    ]
    assert found == []


def test_they_are_registered():
    registered = django_checks.registry.registry.get_checks(include_deployment_checks=True)
    ours = {check for name, check in vars(checks).items() if name.startswith("check_")}
    assert ours <= set(registered)


class SendsOursAway:
    """A router that gives the apps a database of their own."""

    def db_for_write(self, model, **hints):
        return "flows" if model._meta.app_label.startswith("stripeflow_") else None


class MigratesElsewhere:
    """A router that keeps our tables out of the default database."""

    def allow_migrate(self, db, app_label, **hints):
        return db == "flows" if app_label == "stripeflow_workflows" else None


@pytest.mark.parametrize(
    ("router", "astray"),
    [
        (SendsOursAway, {"stripeflow_actions", "stripeflow_triggers", "stripeflow_workflows"}),
        (MigratesElsewhere, {"stripeflow_workflows"}),
    ],
)
def test_router_that_sends_our_apps_elsewhere_is_an_error(settings, router, astray):
    settings.DATABASE_ROUTERS = [router()]
    found = checks.check_router(None)
    assert set(ids(found)) == {"stripeflow.E003"}
    assert {message.obj for message in found} == astray


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_BODY_LIMIT_BYTES", 0),
        ("WEBHOOK_BODY_LIMIT_BYTES", "1 MB"),
        ("WEBHOOK_TOLERANCE_SECONDS", True),
        ("WEBHOOK_TOLERANCE_SECONDS", -1),
        ("MIRROR", True),
        ("MIRROR_EVENT_TYPES", "charge.*"),
        ("MIRROR_EVENT_TYPES", [1]),
        ("MIRROR_EVENT_TYPES", 5),
    ],
)
def test_a_senseless_setting_is_an_error_that_names_it(settings, name, value):
    settings.STRIPEFLOW = {name: value}
    [message] = checks.check_settings(None)
    assert (message.id, name in message.msg) == ("stripeflow.E002", True)


@pytest.mark.django_db
def test_no_endpoint_with_a_secret_is_a_warning():
    assert ids(checks.check_endpoints(None, databases=["default"])) == ["stripeflow.W001"]


@pytest.mark.django_db
def test_an_endpoint_with_a_secret_is_enough(endpoint):
    assert checks.check_endpoints(None, databases=["default"]) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "told"),
    [("none", ["stripeflow.E005"]), ("verify_signature", []), ("retrieve_event", [])],
)
def test_an_endpoint_that_verifies_nothing_is_an_error(endpoint, method, told):
    endpoint.djstripe_validation_method = method
    endpoint.save()
    assert ids(checks.check_unproved_endpoints(None, databases=["default"])) == told
    assert checks.check_unproved_endpoints(None, databases=None) == []


def test_no_database_is_asked_unless_named():
    assert checks.check_endpoints(None, databases=None) == []


@pytest.mark.parametrize(("database", "warned"), [(None, 1), ("default", 1), ("analytics", 2)])
def test_only_our_databases_are_warned_of(settings, database, warned):
    plain = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}
    databases = mock.patch.dict(settings.DATABASES, {"default": plain, "analytics": plain})
    with databases, temporarily(MemoryBackend(database=database)):
        assert ids(checks.check_sqlite_transactions(None)) == ["stripeflow.W002"] * warned


def test_sqlite_without_immediate_is_a_warning(settings):
    databases = {"default": {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}}
    with mock.patch.dict(settings.DATABASES, databases):
        assert ids(checks.check_sqlite_transactions(None)) == ["stripeflow.W002"]


@pytest.mark.urls("tests.triggers.urls")
def test_djstripes_url_with_debug_is_a_warning(settings):
    settings.DEBUG = True
    assert ids(checks.check_debug_secret_header(None)) == ["stripeflow.W003"]


@pytest.mark.urls("tests.triggers.urls")
def test_djstripes_url_without_debug_is_fine():
    assert checks.check_debug_secret_header(None) == []


def test_a_mirror_without_a_key_is_a_warning(settings):
    settings.STRIPE_TEST_SECRET_KEY = settings.STRIPE_LIVE_SECRET_KEY = ""
    assert ids(checks.check_api_key(None)) == ["stripeflow.W005"]


def test_no_mirror_needs_no_key(settings):
    settings.STRIPE_TEST_SECRET_KEY = settings.STRIPE_LIVE_SECRET_KEY = ""
    settings.STRIPEFLOW = {"MIRROR": "off"}
    assert checks.check_api_key(None) == []


@pytest.mark.parametrize(
    ("header", "proxies", "found"),
    [
        (("HTTP_X_FORWARDED_PROTO", "https"), 0, ["stripeflow.W011"]),
        (("HTTP_X_FORWARDED_PROTO", "https"), 1, []),
        (None, 0, []),
    ],
)
def test_proxy_whose_clients_are_not_kept_apart_is_a_warning(settings, header, proxies, found):
    settings.SECURE_PROXY_SSL_HEADER = header
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "TRUSTED_PROXIES": proxies}
    assert [message.id for message in checks.check_proxies(None)] == found
