"""Log-ins, and changes to users and groups, recorded from Django's signals."""

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model, signals
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save

from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.kinds import Kind
from stripeflow.workflows.audit.origins import origin_of
from stripeflow.workflows.audit.record import Facts, Subject, record

# The fields of a user that are recorded with their values; of the password, only that it changed.
_FLAGS = ("username", "is_active", "is_staff", "is_superuser")
_BEFORE = "_stripeflow_before"
_ADDED = {"post_add": "added", "pre_remove": "removed", "pre_clear": "cleared"}
_MOST = 50


def connect() -> None:
    """Follow the users and groups of the project; called once, when the app is ready."""
    user_model, name = get_user_model(), "stripeflow.audit"
    signals.user_logged_in.connect(_logged_in, dispatch_uid=name)
    signals.user_logged_out.connect(_logged_out, dispatch_uid=name)
    signals.user_login_failed.connect(_refused, dispatch_uid=name)
    pre_save.connect(_remember, sender=user_model, dispatch_uid=name)
    post_save.connect(_user_saved, sender=user_model, dispatch_uid=name)
    post_delete.connect(_user_deleted, sender=user_model, dispatch_uid=name)
    pre_save.connect(_remember_group, sender=Group, dispatch_uid=name)
    post_save.connect(_group_saved, sender=Group, dispatch_uid=name)
    post_delete.connect(_group_deleted, sender=Group, dispatch_uid=name)
    m2m_changed.connect(_group_permissions, sender=Group.permissions.through, dispatch_uid=name)
    if apps.is_installed("axes"):
        from axes.signals import user_locked_out

        user_locked_out.connect(_locked, dispatch_uid=name)
    for field in ("groups", "user_permissions"):
        if hasattr(user_model, field):
            through = getattr(user_model, field).through
            m2m_changed.connect(_user_permissions, sender=through, dispatch_uid=name)


def _record(kind: Kind, on: Model | Subject | None, act: Act | None = None, **facts: Facts | None) -> None:
    with transaction.atomic():
        record(kind, act or Act.ambient(), on, **facts)


def _logged_in(sender: Any, user: Any, request: Any = None, **kwargs: Any) -> None:
    _record(kinds.LOGGED_IN, user, _act_of(user, request))


def _logged_out(sender: Any, user: Any, request: Any = None, **kwargs: Any) -> None:
    if user is not None:
        _record(kinds.LOGGED_OUT, user, _act_of(user, request))


def _refused(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    """An unknown name is not recorded: it may be a password, typed into the wrong box.

    Neither is what django-axes (if the project has it) refuses without a check: a locked stranger adds no
    rows.
    """
    if getattr(request, "axes_locked_out", False):
        return
    users = get_user_model()
    typed = credentials.get(users.USERNAME_FIELD) or credentials.get("username") or ""
    known = users._default_manager.filter(**{users.USERNAME_FIELD: typed}).first()
    _record(kinds.LOGIN_REFUSED, known, _act_of(None, request))


def _locked(sender: Any, request: Any = None, username: str | None = "", **kwargs: Any) -> None:
    users = get_user_model()
    known = users._default_manager.filter(**{users.USERNAME_FIELD: username or ""}).first()
    _record(kinds.LOGIN_LOCKED, known, _act_of(None, request))


def _act_of(user: Any, request: Any) -> Act:
    return Act.ambient() if request is None else Act(user, origin=origin_of(request))


def _remember(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """The row before the change, for `_user_saved`."""
    if raw or instance._state.adding or not _touches(instance, kwargs.get("update_fields")):
        return
    setattr(instance, _BEFORE, sender._base_manager.filter(pk=instance.pk).first())


def _touches(user: Any, fields: Collection[str] | None) -> bool:
    if fields is None:
        return True
    # At a log-in Django may save the same password with a newer hash: only this field, with no new password.
    if set(fields) == {"password"} and user._password is None:
        return False
    return not {"password", *_FLAGS}.isdisjoint(fields)


def _user_saved(sender: Any, instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if raw:
        return
    if created:
        _record(kinds.USER_MADE, instance, after=_flags(instance))
        return
    before = instance.__dict__.pop(_BEFORE, None)
    if before is None:
        return
    if before.password != instance.password:
        _record(kinds.PASSWORD_CHANGED, instance)
    old, new = _flags(before), _flags(instance)
    if old != new:
        _record(kinds.USER_CHANGED, instance, before=old, after=new)


def _user_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    _record(kinds.USER_DELETED, instance)


def _flags(user: Any) -> dict[str, Any]:
    found = {name: getattr(user, name, None) for name in _FLAGS}
    return {**found, "username": user.get_username()}


def _remember_group(sender: Any, instance: Group, raw: bool = False, **kwargs: Any) -> None:
    if not raw and not instance._state.adding:
        setattr(instance, _BEFORE, sender._base_manager.filter(pk=instance.pk).first())


def _group_saved(sender: Any, instance: Group, created: bool, raw: bool = False, **kwargs: Any) -> None:
    before = instance.__dict__.pop(_BEFORE, None)
    if created and not raw:
        _record(kinds.GROUP_MADE, instance)
    elif before is not None and before.name != instance.name:
        _record(kinds.GROUP_CHANGED, instance, before={"name": before.name}, after={"name": instance.name})


def _group_deleted(sender: Any, instance: Group, **kwargs: Any) -> None:
    _record(kinds.GROUP_DELETED, instance)


def _group_permissions(
    sender: Any, instance: Any, action: str, reverse: bool, model: Any, pk_set: Any, **kwargs: Any
) -> None:
    if facts := _changed(sender, instance, action, reverse, model, pk_set):
        _record(kinds.GROUP_PERMISSIONS_CHANGED, instance, after=facts)


def _user_permissions(
    sender: Any, instance: Any, action: str, reverse: bool, model: Any, pk_set: Any, **kwargs: Any
) -> None:
    if facts := _changed(sender, instance, action, reverse, model, pk_set):
        _record(kinds.PERMISSIONS_CHANGED, instance, after=facts)


def _changed(
    through: Any, instance: Any, action: str, reverse: bool, model: Any, pks: Collection[Any] | None
) -> dict[str, Any] | None:
    """What was added or removed, by name; `from` if the change was made on the other side."""
    if action not in _ADDED:
        return None
    if action != "post_add":
        pks = _related(through, instance, model, pks)
    if not pks:
        return None
    names = sorted(_name(row) for row in model._base_manager.filter(pk__in=pks)[:_MOST])
    return {_ADDED[action]: names, "from": instance._meta.model_name if reverse else None}


def _related(through: Any, instance: Any, model: Any, pks: Collection[Any] | None) -> list[Any]:
    """Which of `pks`, or of all, the instance has now: only these can be removed."""
    own, other = (_column(through, of) for of in (type(instance), model))
    rows = through._base_manager.filter(**{own: instance.pk})
    rows = rows if pks is None else rows.filter(**{f"{other}__in": pks})
    return list(rows.values_list(other, flat=True))


def _column(through: Any, model: Any) -> str:
    fields = through._meta.get_fields()
    return next(field.attname for field in fields if field.related_model is model._meta.concrete_model)


def _name(row: Any) -> str:
    if isinstance(row, Permission):
        return f"{row.content_type.app_label}.{row.codename}"
    return str(row)
