"""A changed password ends the tokens of its owner; a hash that Django brings up to date does not."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.db.models.signals import pre_save

from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.models.api_token import password_digest


def connect() -> None:
    """Follow the users of the project; called once, when the app is ready."""
    pre_save.connect(_follow, sender=get_user_model(), dispatch_uid="stripeflow.token_owners")


def _follow(sender: Any, instance: Any, update_fields: Collection[str] | None = None, **kwargs: Any) -> None:
    """Keep the tokens where Django saves the same password with a newer hash, at a log-in.

    It does so with this field alone, and without the password that `set_password` leaves on the user.
    """
    if set(update_fields or ()) != {"password"} or instance._password is not None:
        return
    before = sender._base_manager.filter(pk=instance.pk).values_list("password", flat=True).first()
    if before and _is_outdated(before):
        tokens = ApiToken.objects.filter(user=instance.pk, password_digest=password_digest(before))
        tokens.update(password_digest=password_digest(instance.password))


def _is_outdated(encoded: str) -> bool:
    """Whether Django would hash the password again, were it entered now."""
    try:
        hasher = identify_hasher(encoded)
    except ValueError:  # such as an unusable password, with which nobody can log in
        return False
    preferred = get_hasher("default")
    return hasher.algorithm != preferred.algorithm or preferred.must_update(encoded)
