"""The Django groups of the ready-made roles: created, and updated to what the roles are today."""

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from stripeflow.workflows.access.roles import Role

# Permissions of other apps belong to the host: a group keeps those that somebody gave it.
OURS = ("stripeflow_workflows", "stripeflow_triggers", "stripeflow_actions")


class NotMigrated(Exception):
    """A permission of a role has no row yet."""


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What changed, or would change, in the group of a role."""

    role: Role
    is_new: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        return self.is_new or bool(self.added or self.removed)


def plan(role: Role) -> GroupChange:
    """The changes that would bring the group of `role` up to date. Changes nothing."""
    group = Group.objects.filter(name=role.group_name).first()
    has = _names(group) if group else set()
    wanted = set(role.permissions)
    return GroupChange(role, group is None, tuple(sorted(wanted - has)), tuple(sorted(has - wanted)))


@transaction.atomic
def apply(role: Role) -> GroupChange:
    """Make or update the group of `role`; its members stay. Raises NotMigrated."""
    change = plan(role)
    if change.is_needed:
        group, _made = Group.objects.get_or_create(name=role.group_name)
        group.permissions.add(*(_permission(name) for name in change.added))
        group.permissions.remove(*(_permission(name) for name in change.removed))
    return change


def _names(group: Group) -> set[str]:
    rows = group.permissions.filter(content_type__app_label__in=OURS)
    return {
        f"{label}.{codename}" for label, codename in rows.values_list("content_type__app_label", "codename")
    }


def _permission(name: str) -> Permission:
    label, codename = name.split(".")
    try:
        return Permission.objects.get(content_type__app_label=label, codename=codename)
    except Permission.DoesNotExist as error:
        raise NotMigrated(f"There is no permission {name} yet. Run `manage.py migrate`.") from error
