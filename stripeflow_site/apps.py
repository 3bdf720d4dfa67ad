from django.apps import AppConfig
from django.contrib.admin import apps as django_admin


class SiteConfig(AppConfig):
    name = "stripeflow_site"
    verbose_name = "StripeFlow site"


class StripeFlowAdminConfig(django_admin.AdminConfig):
    """Django's admin under our name, with the pages of other packages made safe."""

    default = False
    default_site = "stripeflow_site.admin_site.StripeFlowAdminSite"

    def ready(self) -> None:
        super().ready()
        from stripeflow_site import other_admins

        other_admins.hide_queue_pages()
        other_admins.guard_mirror_pages()
