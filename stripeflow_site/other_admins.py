"""The admin pages that django-q2 and dj-stripe bring along, made safe to leave in an installation.

django-q2's let staff who may add a schedule run any function, `os.system` too, and view-only staff repeat
tasks. dj-stripe's can change and cancel things at Stripe, and show API keys and signing secrets openly.
"""

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern

# Their rows hold secret keys, signing secrets, and whatever a stranger has posted.
SUPERUSER_ONLY = frozenset({"apikey", "webhookendpoint", "webhookeventtrigger"})


class MirrorAdmin(admin.ModelAdmin):
    """Looks at a mirrored table: dj-stripe's pages without adding, changing, deleting and their actions."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if self.opts.model_name in SUPERUSER_ONLY and not request.user.is_superuser:
            return False
        return super().has_view_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, object]:
        return {}

    def get_urls(self) -> list[URLPattern]:
        """Django's own addresses only: behind dj-stripe's further one, any staff may act at Stripe."""
        return admin.ModelAdmin.get_urls(self)


def hide_queue_pages() -> None:
    """Unregister django-q2's pages, unless `STRIPEFLOW_QUEUE_ADMIN` keeps them."""
    if settings.STRIPEFLOW_QUEUE_ADMIN:
        return
    for model in apps.get_app_config("django_q").get_models():
        if admin.site.is_registered(model):
            admin.site.unregister(model)


def guard_mirror_pages() -> None:
    """Register dj-stripe's pages again, read-only."""
    for model in apps.get_app_config("djstripe").get_models():
        if admin.site.is_registered(model):
            original = type(admin.site.get_model_admin(model))
            admin.site.unregister(model)
            admin.site.register(model, type(original.__name__, (MirrorAdmin, original), {}))
