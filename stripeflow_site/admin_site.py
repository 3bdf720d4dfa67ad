"""The admin under the product's name."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

# What people come for stands above dj-stripe's many tables; the others follow by name.
_FIRST_APPS = ("stripeflow_workflows", "stripeflow_triggers")
_FIRST_MODELS = ("Workflow", "Run", "WorkflowVersion", "Switch")


class StripeFlowAdminSite(AdminSite):
    site_header = "StripeFlow"
    site_title = "StripeFlow"
    index_title = _("Workflows for Stripe")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The apps, and the models of each, with the ones above first."""
        apps = sorted(super().get_app_list(request, app_label), key=_place("app_label", _FIRST_APPS))
        for app in apps:
            app["models"].sort(key=_place("object_name", _FIRST_MODELS))
        return apps


def _place(name: str, first: tuple[str, ...]) -> Any:
    """A key for sorting by `name`: the first ones in their order, and then all others as they are."""
    return lambda entry: first.index(entry[name]) if entry[name] in first else len(first)
