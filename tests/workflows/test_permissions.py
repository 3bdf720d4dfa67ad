import pytest
from django.contrib.auth.models import User

from stripeflow.workflows import permissions as asked
from stripeflow.workflows.models.token_scope import Scope, parse
from tests.workflows.people import permissions

PERMISSIONS = {value for name, value in vars(asked).items() if name.isupper() and isinstance(value, str)}


def test_each_permission_is_covered_by_one_scope():
    covered = [permission for permissions in asked.GRANTS.values() for permission in permissions]
    assert sorted(covered) == sorted(PERMISSIONS)
    assert set(asked.GRANTS) == set(Scope)


def test_a_permission_that_no_scope_covers_is_for_no_token(monkeypatch):
    user = User(username="root", is_superuser=True)
    monkeypatch.setattr(asked, "_SCOPES", {})
    assert asked.may_edit(user)
    asked.confine(user, frozenset(Scope))
    assert not asked.may_edit(user)


@pytest.mark.parametrize("text", ["", "everything", "READ", "read,run"])
def test_unknown_words_are_no_scope(text):
    assert parse(text) == frozenset()


def test_a_scope_gives_nobody_what_they_may_not(db):
    user = User.objects.create_user("packer", is_staff=True)
    asked.confine(user, frozenset(Scope))
    assert not asked.may_edit(user)
    assert asked.lacking(user, asked.may_edit) == []


@pytest.mark.parametrize(
    ("question", "has", "missing"),
    [
        (asked.may_view, {Scope.RUN}, [Scope.READ]),
        (asked.may_view, {Scope.EDIT}, []),
        (asked.may_replay, set(), [Scope.READ, Scope.RUN]),
        (asked.may_replay, {Scope.RUN}, [Scope.READ]),
        (asked.may_set_refund_limits, {Scope.READ, Scope.EDIT}, [Scope.MONEY]),
    ],
)
def test_tells_the_least_that_is_missing(question, has, missing):
    user = User(username="root", is_superuser=True)
    asked.confine(user, frozenset(has))
    assert asked.lacking(user, question) == missing


def test_who_comes_in_person_lacks_no_scope(db):
    user = User.objects.create_user("packer", is_staff=True)
    user.user_permissions.set(permissions([asked.CHANGE]))
    assert asked.may_edit(user)
    assert asked.lacking(user, asked.may_delete) == []
