"""Log-ins, and changes of users and groups, have rows."""

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client, RequestFactory

from stripeflow.workflows.models import AuditEntry

PASSWORD = "a long one, and not to be told"


@pytest.fixture
def anna(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return get_user_model().objects.create_user("anna", password=PASSWORD)


@pytest.fixture
def acts(anna):
    """What was recorded since `anna` was made."""
    last = AuditEntry.objects.first().pk

    def recorded():
        return list(AuditEntry.objects.filter(pk__gt=last).order_by("pk"))

    return recorded


def kinds_of(acts):
    return [row.kind for row in acts()]


def log_in(name, password):
    client = Client(REMOTE_ADDR="203.0.113.7")
    client.post("/admin/login/", {"username": name, "password": password})
    return client


def test_login_and_logout_have_rows_with_address_and_session(anna, acts):
    client = log_in("anna", PASSWORD)
    anna.is_staff = True
    anna.save()
    client = log_in("anna", PASSWORD)
    client.post("/admin/logout/")
    inside, outside = [row for row in acts() if row.kind in ("user.logged_in", "user.logged_out")]
    assert (inside.kind, outside.kind) == ("user.logged_in", "user.logged_out")
    assert (inside.user_name, inside.address, len(inside.session)) == ("anna", "203.0.113.7", 16)
    assert inside.session == outside.session


def test_wrong_password_has_a_row_for_the_user_it_was_tried_on(anna, acts):
    log_in("anna", "wrong")
    [row] = acts()
    assert (row.kind, row.user_name, row.object_title) == ("user.login_refused", "", "anna")
    assert row.address == "203.0.113.7"


def test_name_that_nobody_has_is_not_kept_since_it_may_be_a_password(acts):
    log_in(PASSWORD, "wrong")
    [row] = acts()
    assert (row.kind, row.object_title) == ("user.login_refused", "")
    assert PASSWORD not in str(AuditEntry.objects.values_list())


def test_login_by_code_without_a_request_is_recorded_as_well(anna, acts, settings):
    # As in a project without django-axes, which needs one.
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    assert authenticate(username="anna", password="wrong") is None
    assert kinds_of(acts) == ["user.login_refused"]


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser", "is_active"])
def test_changed_flag_is_reported_with_what_it_was(anna, acts, flag):
    before = getattr(anna, flag)
    setattr(anna, flag, not before)
    anna.save()
    [row] = acts()
    assert row.kind == "user.changed"
    assert (row.before[flag], row.after[flag]) == (before, not before)


def test_new_password_is_reported_without_it(anna, acts):
    anna.set_password("another one")
    anna.save()
    [row] = acts()
    assert (row.kind, row.before, row.after) == ("user.password_changed", None, None)


def test_save_that_changes_nothing_of_these_has_no_row(anna, acts):
    anna.first_name = "Anna"
    anna.save()
    anna.save(update_fields=["last_login"])
    assert acts() == []


def test_hash_brought_up_to_date_is_no_new_password(anna, acts, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert authenticate(RequestFactory().post("/"), username="anna", password=PASSWORD) == anna
    assert acts() == []


def test_permissions_and_groups_are_reported_by_name(anna, acts):
    group = Group.objects.create(name="Operators")
    permission = Permission.objects.get(codename="view_run")
    group.permissions.add(permission)
    anna.groups.add(group)
    anna.user_permissions.add(permission)
    anna.groups.remove(group)
    anna.groups.remove(group)
    assert [(row.kind, row.after) for row in acts()] == [
        ("group.made", None),
        ("group.permissions_changed", {"added": ["stripeflow_workflows.view_run"], "from": None}),
        ("user.permissions_changed", {"added": ["Operators"], "from": None}),
        ("user.permissions_changed", {"added": ["stripeflow_workflows.view_run"], "from": None}),
        ("user.permissions_changed", {"removed": ["Operators"], "from": None}),
    ]


def test_users_and_groups_that_go_leave_their_rows(anna, acts):
    group = Group.objects.create(name="Operators")
    group.name = "Night shift"
    group.save()
    group.delete()
    anna.delete()
    assert [(row.kind, row.object_title) for row in acts()] == [
        ("group.made", "Operators"),
        ("group.changed", "Night shift"),
        ("group.deleted", "Night shift"),
        ("user.deleted", "anna"),
    ]


def test_page_of_the_admin_is_reported_with_who_changed_it(acts, anna):
    boss = get_user_model().objects.create_superuser("boss", password=PASSWORD)
    client = log_in("boss", PASSWORD)
    values = {"username": "anna", "is_active": "on", "is_staff": "on"}
    times = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    answer = client.post(f"/admin/auth/user/{anna.pk}/change/", {**values, **times})
    assert answer.status_code == 302
    row = acts()[-1]
    assert (row.kind, row.user_id, row.user_name, row.via) == ("user.changed", str(boss.pk), "boss", "admin")
    assert (row.address, len(row.request_id)) == ("203.0.113.7", 32)


def test_lock_after_wrong_passwords_is_reported(anna, acts, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in("anna", "wrong")
    assert kinds_of(acts).count("user.login_locked") == 1
    [row] = [row for row in acts() if row.kind == "user.login_locked"]
    assert (row.object_title, row.address) == ("anna", "203.0.113.7")
