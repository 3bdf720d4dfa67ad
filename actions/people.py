"""The team: active users who may enter the admin."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, Group
from django.db.models import QuerySet

_MOST = 1000


def active_staff() -> QuerySet:
    """Return the users a message may go to, by username."""
    model = get_user_model()
    return model._default_manager.filter(is_active=True, is_staff=True).order_by(model.USERNAME_FIELD)


def active_staff_named(usernames: Iterable[str]) -> list[AbstractBaseUser]:
    """Return those of the named users who are active staff now."""
    field = get_user_model().USERNAME_FIELD
    return list(active_staff().filter(**{f"{field}__in": list(usernames)}))


def usernames() -> list[str]:
    """Return the usernames of active staff, of a large team the first ones."""
    return list(active_staff().values_list(get_user_model().USERNAME_FIELD, flat=True)[:_MOST])


def group_names() -> list[str]:
    """Return the names of Django's groups, of many the first ones."""
    return list(Group.objects.order_by("name").values_list("name", flat=True)[:_MOST])


def email_of(user: AbstractBaseUser) -> str:
    """Return the user's e-mail address, or ""."""
    return getattr(user, type(user).get_email_field_name(), "") or ""


def described(user: AbstractBaseUser) -> str:
    """Return the user as shown in a choice: full name and e-mail, as far as they are known."""
    full_name = getattr(user, "get_full_name", str)()
    name = full_name or user.get_username()
    email = email_of(user)
    return f"{name} <{email}>" if email else name
