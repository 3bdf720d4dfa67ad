from django.apps import AppConfig
from django.contrib.admin import apps as django_admin


class SiteConfig(AppConfig):
    name = "stripeflow_site"
    verbose_name = "StripeFlow site"

    def ready(self) -> None:
        from axes.signals import user_locked_out

        from stripeflow_site.log_in import log_lock

        user_locked_out.connect(log_lock, dispatch_uid="stripeflow_site.log_in")


class StripeFlowAdminConfig(django_admin.AdminConfig):
    """Django's admin under our name."""

    default = False
    default_site = "stripeflow_site.admin_site.StripeFlowAdminSite"
