"""The admin pages that django-q2 and dj-stripe bring along, made safe to leave in an installation.

With django-q2's pages, staff who may add a schedule can run any function, even `os.system`, and view-only
staff can repeat tasks. dj-stripe's pages change and cancel things at Stripe, and show API keys and signing
secrets.
"""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern

from stripeflow.triggers import conf
from stripeflow.triggers.guarded_admin import VIEW_PAYLOAD, GuardedAdmin, NotEdited
from stripeflow.triggers.object_tools import ObjectTools

DJSTRIPE, QUEUE = "djstripe", "django_q"
# Their rows hold secret keys, signing secrets, and anything that a stranger has posted.
SUPERUSER_ONLY = frozenset({"apikey", "webhookendpoint", "webhookeventtrigger"})


class MirrorAdmin(NotEdited, ObjectTools, GuardedAdmin):
    """Shows a mirrored table: dj-stripe's pages without adding, changing, deleting and actions.

    Its rows are copies of what events hold, so the permission to see payloads is asked for, too.
    """

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if self.opts.model_name in SUPERUSER_ONLY and not request.user.is_superuser:
            return False
        return request.user.has_perm(VIEW_PAYLOAD) and super().has_view_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_urls(self) -> list[URLPattern]:
        """Django's own addresses only: with dj-stripe's further one, any staff user can act at Stripe."""
        return admin.ModelAdmin.get_urls(self)


def guard() -> None:
    """Guard the pages of the packages in STRIPEFLOW["GUARD_ADMINS"]; called while the admin is discovered."""
    wanted = conf.guarded_admins()
    if QUEUE in wanted:
        _discover(QUEUE)
        hide_queue_pages()
    if DJSTRIPE in wanted:
        _discover(DJSTRIPE)
        guard_mirror_pages()


def hide_queue_pages() -> None:
    """Unregister django-q2's pages."""
    for model in _registered(QUEUE):
        admin.site.unregister(model)


def guard_mirror_pages() -> None:
    """Register dj-stripe's pages again, read-only."""
    for model in unguarded_pages():
        original = type(admin.site.get_model_admin(model))
        admin.site.unregister(model)
        admin.site.register(model, type(original.__name__, (MirrorAdmin, original), {}))


def unguarded_pages() -> list[type[Model]]:
    """The models of dj-stripe whose pages can change things, here or at Stripe."""
    found = _registered(DJSTRIPE)
    return [model for model in found if not isinstance(admin.site.get_model_admin(model), MirrorAdmin)]


def _registered(label: str) -> list[type[Model]]:
    return [model for model in apps.get_app_config(label).get_models() if admin.site.is_registered(model)]


def _discover(label: str) -> None:
    """Have the package register its pages now; Django would do it only when its turn comes."""
    import_module(f"{apps.get_app_config(label).name}.admin")
