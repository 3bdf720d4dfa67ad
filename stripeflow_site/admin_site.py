"""The admin under the product's name."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class StripeFlowAdminSite(AdminSite):
    site_header = "StripeFlow"
    site_title = "StripeFlow"
    index_title = _("Workflows for Stripe")
