from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from stripeflow_site.left_out import left_out

with left_out("jinja2", "pydantic"):
    from drf_spectacular.extensions import OpenApiSerializerExtension

    _api = include("stripeflow.workflows.api.urls")
    # It looks for Pydantic now, and not when the first schema is asked for.
    OpenApiSerializerExtension.get_match(object)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
    path("api/v1/", _api),
    path("", include("stripeflow.triggers.urls")),
    path("", include("stripeflow.workflows.monitoring.urls")),
    path("", include("stripeflow.workflows.suppressions.urls")),
]
