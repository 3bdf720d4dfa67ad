import logging
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings as configured
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import get_default_password_validators
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from stripeflow.workflows.models import AuditEntry

PAGE = "/admin/login/"
LIMIT = 10
PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anna(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return User.objects.create_superuser("anna", password=PASSWORD)


def enter(name="anna", password="wrong", address="192.0.2.1"):
    client = Client(REMOTE_ADDR=address)
    return client.post(PAGE, {"username": name, "password": password})


def enter_wrong(times=LIMIT, **options):
    return [enter(**options) for _ in range(times)]


def logs_in(**options):
    return enter(password=PASSWORD, **options).status_code == 302


def test_a_name_is_locked_from_wherever_the_wrong_passwords_come():
    answers = [enter(address=f"192.0.2.{number}") for number in range(LIMIT)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[-1].status_code == 429
    assert not logs_in(address="198.51.100.1")


def test_an_address_is_locked_whatever_the_names_are():
    for number in range(LIMIT):
        enter(name=f"guess{number}")
    assert not logs_in()
    assert logs_in(address="192.0.2.2")


def test_other_names_and_addresses_are_not_locked():
    User.objects.create_superuser("packer", password=PASSWORD)
    enter_wrong()
    assert logs_in(name="packer", address="192.0.2.2")


def test_fewer_wrong_passwords_lock_nothing():
    enter_wrong(LIMIT - 1)
    assert logs_in()


def test_what_is_locked_costs_no_hash_of_a_password(monkeypatch):
    enter_wrong()
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *arguments: pytest.fail("A password was hashed."))
    assert enter(address="192.0.2.2").status_code == 429
    assert enter(name="nobody").status_code == 429


def test_the_lock_ends_after_a_while_also_for_who_goes_on_trying():
    enter_wrong(LIMIT + 5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    enter_wrong(1)
    assert not logs_in()
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert logs_in()


def test_a_command_ends_the_lock(capsys):
    enter_wrong()
    call_command("axes_reset_username", "anna")
    assert logs_in(address="192.0.2.2")


def test_who_is_locked_out_reads_for_how_long():
    response = enter_wrong()[-1]
    assert response["Retry-After"] == "900"
    assert response["Cache-Control"] == "no-store, private"
    assert "for 15 minutes" in response.content.decode()
    assert "Django" not in response.content.decode()


def test_all_of_an_unknown_address_are_not_one():
    """As behind a proxy that is reached by a socket of the file system."""
    for number in range(LIMIT):
        enter(name=f"guess{number}", address="")
    assert logs_in(address="")


def test_the_address_is_that_of_the_client_behind_known_proxies(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "TRUSTED_PROXIES": 1}
    client = Client(REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.1"})
    client.post(PAGE, {"username": "anna", "password": "wrong"})
    assert AccessAttempt.objects.get().ip_address == "192.0.2.1"


@pytest.mark.parametrize(("name", "told"), [("anna", "anna"), ("my password", "")])
def test_a_lock_is_logged_without_what_may_be_a_password(name, told, caplog):
    with caplog.at_level(logging.WARNING, logger="stripeflow_site.log_in"):
        enter_wrong(name=name)
    [record] = [one for one in caplog.records if one.getMessage() == "site.log_in.locked"]
    assert (record.user, record.address) == (told, "192.0.2.1")


def test_nothing_that_lets_somebody_in_is_kept_of_a_wrong_password():
    Client().post(PAGE, {"username": "anna", "password": "nearly right", "csrfmiddlewaretoken": "a secret"})
    row = str(AccessAttempt.objects.values().get())
    assert "nearly right" not in row
    assert "a secret" not in row


def test_each_wrong_password_is_in_the_audit_log_and_what_is_locked_adds_no_row():
    enter_wrong(LIMIT + 5)
    refused = AuditEntry.objects.filter(kind="user.login_refused")
    assert {(one.object_title, one.address) for one in refused} == {("anna", "192.0.2.1")}
    assert refused.count() == LIMIT


def test_a_password_has_at_least_twelve_characters():
    [least] = [one.min_length for one in get_default_password_validators() if hasattr(one, "min_length")]
    assert least == 12


def test_a_session_ends_after_a_working_day():
    assert configured.SESSION_COOKIE_AGE == 12 * 60 * 60
