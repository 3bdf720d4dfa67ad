import inspect

import pytest
from django.apps import apps

from stripeflow.workflows import permissions
from stripeflow.workflows.access import roles
from tests.workflows.people import user_with_role

CONSTANTS = {
    value for name, value in inspect.getmembers(permissions) if name.isupper() and isinstance(value, str)
}
MONEY = permissions.MOVE_MONEY


def rights(*keys):
    return roles.permissions_of(keys)


def test_the_roles_are_the_nine_jobs():
    assert [role.key for role in roles.ROLES] == [
        "viewer",
        "operator",
        "author",
        "publisher",
        "approver",
        "customers",
        "money",
        "auditor",
        "integrator",
    ]


def test_each_permission_that_is_asked_for_belongs_to_a_role():
    assert set().union(*(role.permissions for role in roles.ROLES)) == CONSTANTS


def test_an_unknown_role_is_an_error():
    with pytest.raises(roles.NoSuchRole):
        roles.find("boss")


def test_only_the_role_money_moves_money():
    assert [role.key for role in roles.ROLES if MONEY in role.permissions] == ["money"]


def test_only_the_role_customers_changes_customers():
    assert [role.key for role in roles.ROLES if permissions.CHANGE_CUSTOMERS in role.permissions] == [
        "customers"
    ]


def test_only_who_publishes_or_approves_sees_payloads():
    seeing = [role.key for role in roles.ROLES if permissions.VIEW_PAYLOAD in role.permissions]
    assert seeing == ["publisher", "approver"]


def test_nobody_writes_and_publishes_by_one_role():
    for role in roles.ROLES:
        assert not {permissions.CHANGE, permissions.ACTIVATE} <= set(role.permissions), role.key


def test_who_reads_changes_nothing():
    for key in ("viewer", "auditor"):
        assert all(".view_" in name for name in rights(key)), key


@pytest.mark.django_db
def test_a_user_has_the_rights_of_the_roles_together():
    user = user_with_role("operator", "money")
    assert user.get_all_permissions() == rights("operator", "money")
    assert user_with_role().get_all_permissions() == set()


def test_each_permission_that_a_model_declares_belongs_to_a_role():
    declared = {
        f"{model._meta.app_label}.{codename}"
        for model in apps.get_models()
        if model._meta.app_label.startswith("stripeflow_")
        for codename, _name in model._meta.permissions
    }
    assert declared <= CONSTANTS
