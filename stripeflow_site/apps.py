from django.apps import AppConfig
from django.contrib.admin import apps as django_admin


class SiteConfig(AppConfig):
    name = "stripeflow_site"
    verbose_name = "StripeFlow site"


class StripeFlowAdminConfig(django_admin.AdminConfig):
    """Django's admin under our name."""

    default = False
    default_site = "stripeflow_site.admin_site.StripeFlowAdminSite"
