import pytest
from django.core.checks import registry

from stripeflow.workflows import conf
from stripeflow.workflows.checks import system


def ids(messages):
    return [message.id for message in messages]


def test_own_settings_pass():
    assert registry.run_checks(tags=["stripeflow"]) == []


@pytest.mark.parametrize("value", [None, [], "MIRROR", 5])
def test_settings_that_are_no_dictionary_are_one_error(settings, value):
    settings.STRIPEFLOW = value
    found = registry.run_checks(tags=["stripeflow"])
    assert "stripeflow.E107" in ids(found)
    assert {"stripeflow.E101", "stripeflow.E102"}.isdisjoint(ids(found))


def test_misspelt_setting_is_an_error_that_names_the_right_one(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "QUEU_CLUSTER": "x"}
    [error] = system.check_names(None)
    assert error.id == "stripeflow.E101"
    assert "QUEUE_CLUSTER" in error.hint


@pytest.mark.parametrize(("former", "name"), conf.RENAMED.items())
def test_a_former_name_of_a_setting_works_and_is_warned_of(settings, former, name):
    settings.STRIPEFLOW = {former: 7}
    [warning] = registry.run_checks(tags=["stripeflow"])
    assert warning.id == "stripeflow.W109"
    assert f'"{name}"' in warning.msg
    assert (conf.get(name), system.setting_values()[name]) == (7, 7)
    settings.STRIPEFLOW = {former: 7, name: 8}
    assert (conf.get(name), system.setting_values()[name]) == (8, 8)


@pytest.mark.parametrize("name", sorted(system.setting_names()))
def test_each_apps_settings_are_known(settings, name):
    settings.STRIPEFLOW = {name: None}
    assert system.check_names(None) == []


@pytest.mark.parametrize("value", [0, -1, "45", None, True])
def test_time_that_is_no_number_above_zero_is_an_error(settings, value):
    settings.STRIPEFLOW = {"LEASE_SECONDS": value}
    assert "stripeflow.E102" in ids(system.check_values(None))


def test_zero_passes_where_it_means_off(settings):
    settings.STRIPEFLOW = {"HEALTH_WEBHOOK_SECONDS": 0}
    assert system.check_values(None) == []


def test_a_secret_is_not_shown(settings):
    settings.STRIPEFLOW = {"HEALTH_TOKEN": " secret "}
    [error] = system.check_values(None)
    assert "HEALTH_TOKEN" in error.msg
    assert "secret" not in error.msg


def test_values_of_all_apps_are_judged(settings):
    settings.STRIPEFLOW = {"RECONCILE_EVERY_SECONDS": "900", "STRIPE_TIMEOUT_SECONDS": 0, "MAX_ATTEMPTS": 0}
    assert ids(system.check_values(None)) == ["stripeflow.E102"] * 3


def test_lease_that_ends_before_stripe_answers_is_a_warning(settings):
    settings.STRIPEFLOW = {"LEASE_SECONDS": 40, "STRIPE_TIMEOUT_SECONDS": 20}
    assert ids(system.check_values(None)) == ["stripeflow.W101"]


@pytest.mark.parametrize("backend", ["console", "dummy", "locmem", "filebased"])
def test_mail_that_nobody_gets_is_a_warning(settings, backend):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    assert ids(system.check_email(None)) == ["stripeflow.W104"]


def test_smtp_passes(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert system.check_email(None) == []


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://flows.example.com", []),
        ("http://127.0.0.1:8000", ["stripeflow.W105"]),
        ("http://localhost", ["stripeflow.W105"]),
    ],
)
def test_links_to_this_machine_are_a_warning(settings, url, found):
    settings.STRIPEFLOW = {"BASE_URL": url}
    assert ids(system.check_base_url(None)) == found


def test_a_host_without_htmx_is_reported(monkeypatch):
    assert system.check_htmx(None) == []
    monkeypatch.setattr(system.apps, "is_installed", lambda name: name != "django_htmx")
    assert ids(system.check_htmx(None)) == ["stripeflow.E105"]


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ({}, []),
        ({"RETRY_BASE_SECONDS": 901.0}, ["RETRY_CAP_SECONDS"]),
        ({"RETRY_TOTAL_SECONDS": 1.0}, ["RETRY_TOTAL_SECONDS"]),
        ({"RETRY_TOTAL_SECONDS": 2.0}, []),
        ({"RETRY_BASE_SECONDS": "901"}, []),
    ],
)
def test_times_of_retries_that_do_not_fit_together_are_an_error(settings, own, found):
    settings.STRIPEFLOW = own
    messages = system.check_retries(None)
    assert ids(messages) == ["stripeflow.E106"] * len(found)
    assert all(name in message.msg for name, message in zip(found, messages, strict=True))


def test_a_total_time_in_which_stripe_may_forget_a_key_is_an_error(settings):
    settings.STRIPEFLOW = {"RETRY_TOTAL_SECONDS": 82_800.0}
    assert ids(system.check_values(None)) == ["stripeflow.E102"]


@pytest.mark.parametrize(("seconds", "found"), [(20, []), (50, ["stripeflow.E103"])])
def test_the_queue_is_told_how_long_a_task_may_take(settings, seconds, found):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "STRIPE_TIMEOUT_SECONDS": seconds}
    assert ids(system.check_queue(None)) == found
