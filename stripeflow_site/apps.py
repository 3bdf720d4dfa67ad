from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "stripeflow_site"
    verbose_name = "StripeFlow site"
