"""What a person may do is asked where it is guarded: not only when their request begins."""

import re
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.db import connection

from stripeflow.workflows import permissions
from stripeflow.workflows.access.asking_again import as_of_now
from stripeflow.workflows.access.setting_off import Operation
from stripeflow.workflows.models import AuditEntry
from stripeflow.workflows.models.token_scope import Scope
from tests.workflows.access.test_setting_off import STOPS, _actions, browser_of, taken_back  # noqa: F401
from tests.workflows.people import user_with_role
from tests.workflows.setting_off_doors import doors_to, state_of_everything, world_of

EVERYTHING = ("operator", "author", "approver", "publisher", "money", "customers")
_WRITE = re.compile(r'(UPDATE|INSERT INTO|DELETE FROM) "stripeflow_workflows_')


def withdraw(user):
    """Take all permissions away, by another connection so to say: no signal tells of it."""
    user.user_permissions.through.objects.filter(user=user).delete()


@contextmanager
def withdrawn_at_the_first_write(user):
    """Within it the user has lost everything by the time of the first change of one of our rows."""
    waits = [True]

    def watch(execute, sql, params, many, context):
        if waits and _WRITE.match(sql):
            waits.clear()
            withdraw(user)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert not waits


@pytest.mark.parametrize("operation", [one for one in Operation if one not in STOPS])
def test_what_was_withdrawn_before_it_is_written_is_refused_at_each_door(operation):
    world = world_of(operation, "test.money")
    user = user_with_role(*EVERYTHING)
    browser = browser_of(user)
    before, told = state_of_everything(), AuditEntry.objects.count()
    wrong = []
    for name, door in doors_to(operation).items():
        with taken_back():
            with withdrawn_at_the_first_write(user):
                refused = door.go(browser, world, operation)
            if not refused or state_of_everything() != before or AuditEntry.objects.count() != told:
                wrong.append((name, f"refused: {refused}"))
    assert wrong == []


def test_the_person_of_now_has_what_the_database_says(db):
    user = user_with_role("operator")
    assert permissions.may_operate_runs(user)
    withdraw(user)
    assert permissions.may_operate_runs(user)
    assert not permissions.may_operate_runs(as_of_now(user))


def test_a_token_reaches_no_further_than_before(db):
    user = user_with_role("operator")
    permissions.confine(user, frozenset({Scope.READ}))
    assert not permissions.may_operate_runs(as_of_now(user))
    assert permissions.may_see_runs(as_of_now(user))


def test_who_was_deleted_may_nothing_and_the_command_line_stays(db):
    user = User.objects.create_superuser("admin")
    User.objects.filter(pk=user.pk).delete()
    assert not permissions.may_operate_runs(as_of_now(user))
    assert as_of_now(None) is None
