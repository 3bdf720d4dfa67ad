import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from stripeflow.workflows.access import roles


def run(capsys, *args):
    call_command("stripeflow_roles", *args)
    return capsys.readouterr().out


def test_the_list_names_each_role_and_permission(capsys):
    lines = run(capsys, "list").splitlines()
    for role in roles.ROLES:
        assert f"{role.key}: {role.description}" in lines
        assert {f"    {name}" for name in role.permissions} <= set(lines)


@pytest.mark.django_db
def test_groups_are_made_once(capsys):
    assert "The group “StripeFlow viewer” is made." in run(capsys, "create")
    assert Group.objects.count() == len(roles.ROLES)
    again = run(capsys, "create").splitlines()
    assert again == [f"The group “{role.group_name}” is up to date." for role in roles.ROLES]


@pytest.mark.django_db
def test_a_dry_run_makes_nothing(capsys):
    out = run(capsys, "create", "viewer", "--dry-run")
    assert out.startswith("The group “StripeFlow viewer” would be made.\n  + stripeflow_")
    assert not Group.objects.exists()


@pytest.mark.django_db
def test_only_the_named_roles_are_made(capsys):
    run(capsys, "create", "money")
    assert Group.objects.get().name == "StripeFlow money"


@pytest.mark.django_db
def test_a_misspelt_role_is_an_error_that_helps():
    with pytest.raises(CommandError, match="There is no role “operater”.*operator"):
        call_command("stripeflow_roles", "create", "viewer", "operater")
    assert not Group.objects.exists()
