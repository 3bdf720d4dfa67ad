import pytest
from django.contrib.auth.models import Group, Permission, User

from stripeflow.workflows import permissions
from stripeflow.workflows.access import role_groups, roles

pytestmark = pytest.mark.django_db

OPERATOR = roles.find("operator")


def names(group):
    return {f"{row.content_type.app_label}.{row.codename}" for row in group.permissions.all()}


def test_a_plan_changes_nothing():
    change = role_groups.plan(OPERATOR)
    assert change.is_new
    assert set(change.added) == set(OPERATOR.permissions)
    assert not Group.objects.exists()


def test_a_group_has_the_permissions_of_its_role():
    for role in roles.ROLES:
        role_groups.apply(role)
        assert names(Group.objects.get(name=role.group_name)) == set(role.permissions)


def test_the_second_time_there_is_nothing_to_do():
    role_groups.apply(OPERATOR)
    assert not role_groups.apply(OPERATOR).is_needed


def test_what_a_role_has_no_longer_is_taken_away():
    role_groups.apply(OPERATOR)
    group = Group.objects.get()
    label, codename = permissions.MOVE_MONEY.split(".")
    group.permissions.add(Permission.objects.get(content_type__app_label=label, codename=codename))
    change = role_groups.apply(OPERATOR)
    assert (change.is_new, change.added, change.removed) == (False, (), (permissions.MOVE_MONEY,))
    assert names(group) == set(OPERATOR.permissions)


def test_members_and_permissions_of_other_apps_stay():
    role_groups.apply(OPERATOR)
    group = Group.objects.get()
    member = User.objects.create_user("member")
    member.groups.add(group)
    group.permissions.add(Permission.objects.get(codename="view_group"))
    role_groups.apply(OPERATOR)
    assert "auth.view_group" in names(group)
    assert member.has_perm(permissions.CHANGE_RUN)


def test_a_permission_without_a_row_is_named():
    Permission.objects.filter(codename="use_switch").delete()
    with pytest.raises(role_groups.NotMigrated, match="use_switch yet. Run `manage.py migrate`"):
        role_groups.apply(OPERATOR)
    assert not Group.objects.exists()
