from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as django_admin
from django.db import connections

from stripeflow_site.left_out import left_out


class SiteConfig(AppConfig):
    name = "stripeflow_site"
    verbose_name = "StripeFlow site"

    def ready(self) -> None:
        from axes.signals import user_locked_out

        from stripeflow_site.log_in import log_lock

        user_locked_out.connect(log_lock, dispatch_uid="stripeflow_site.log_in")
        _import_rest_framework()


def _import_rest_framework() -> None:
    """Import it before others do, without what it has for PostgreSQL elsewhere, and for its pages in HTML."""
    drivers = () if any(each.vendor == "postgresql" for each in connections.all()) else ("psycopg",)
    with left_out("pygments", *drivers):
        import_module("rest_framework.compat")


class StripeFlowAdminConfig(django_admin.AdminConfig):
    """Django's admin under our name."""

    default = False
    default_site = "stripeflow_site.admin_site.StripeFlowAdminSite"
