"""Who could set off what changes customers before it needed a permission still can."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User

from tests.workflows.people import permissions
from stripeflow.workflows import permissions as asked
from stripeflow.workflows.models import ApiToken

pytestmark = pytest.mark.django_db

migration = import_module("stripeflow.workflows.migrations.0012_changing_customers")
NAME = asked.CHANGE_CUSTOMERS
COULD = (asked.ACTIVATE, asked.CHANGE_RUN, asked.USE_SWITCH, asked.CHANGE_SECRET)
COULD_NOT = (asked.VIEW, asked.CHANGE, asked.VIEW_PAYLOAD, asked.MOVE_MONEY)


@pytest.fixture(autouse=True)
def _older_installation():
    Permission.objects.filter(codename=migration.NAME).delete()


@pytest.mark.parametrize("name", [*COULD, *COULD_NOT])
def test_users_and_groups_keep_what_they_could(name):
    person, member = User.objects.create_user("person"), User.objects.create_user("member")
    person.user_permissions.set(permissions([name]))
    group = Group.objects.create(name="Staff")
    group.permissions.set(permissions([name]))
    member.groups.add(group)
    migration.keep_what_people_could(apps, None)
    for user in (person, member):
        assert User.objects.get(pk=user.pk).has_perm(NAME) is (name in COULD)


def test_it_is_the_permission_of_the_model():
    User.objects.create_user("person").user_permissions.set(permissions([asked.ACTIVATE]))
    migration.keep_what_people_could(apps, None)
    declared = dict(apps.get_model("stripeflow_workflows", "Workflow")._meta.permissions)
    found = Permission.objects.get(codename=migration.NAME)
    assert (found.content_type.model, found.name) == ("workflow", declared[migration.NAME])


def test_a_new_installation_has_nobody_to_give_it_to():
    Permission.objects.filter(content_type__app_label="stripeflow_workflows").delete()
    migration.keep_what_people_could(apps, None)
    assert not Permission.objects.filter(codename=migration.NAME).exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("read", "read"),
        ("read run", "read run customers"),
        ("read publish money", "read publish customers money"),
        ("read money", "read money"),
        ("edit", "edit customers"),
        ("", ""),
    ],
)
def test_tokens_keep_what_they_could(before, after):
    token = ApiToken(user=User.objects.create_user("owner", is_staff=True), name="CI", scopes=before)
    token.issue()
    token.save()
    migration.keep_what_tokens_could(apps, None)
    token.refresh_from_db()
    assert token.scopes == after
