"""Users of the ready-made roles, for tests of who may do what."""

from django.contrib.auth.models import Permission, User

from stripeflow.workflows.access import roles

# Nobody in particular, each role by itself, and the two that act, with what each of the guarded kinds needs.
_ACTING = (
    ("operator", "money"),
    ("publisher", "money"),
    ("operator", "customers"),
    ("publisher", "customers"),
    ("approver", "money"),
    ("approver", "customers"),
)
COMBINATIONS = ((), *((role.key,) for role in roles.ROLES), *_ACTING)


def user_with_role(*keys, username="", **fields):
    """A staff user with the permissions of these roles together; without any, of none."""
    name = username or "-".join(keys) or "nobody"
    user = User.objects.create_user(name, f"{name}@example.com", **{"is_staff": True, **fields})
    user.user_permissions.set(permissions(roles.permissions_of(keys)))
    return user


def permissions(names):
    """The rows of these permissions (`app_label.codename`)."""
    labels = {name.partition(".")[0] for name in names}
    found = Permission.objects.filter(content_type__app_label__in=labels).select_related("content_type")
    return [one for one in found if f"{one.content_type.app_label}.{one.codename}" in names]
