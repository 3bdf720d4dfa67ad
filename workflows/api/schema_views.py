"""The schema of this API and its pages, the same in every host project."""

from threading import Lock
from typing import Any, ClassVar

from django.templatetags.static import static
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows.api.access import Access, anyone_known
from stripeflow.workflows.api.openapi import SETTINGS
from stripeflow.workflows.api.views import ApiAccess

# drf-spectacular puts a view's own settings into its global ones while it works.
_one_at_a_time = Lock()


class Schema(ApiAccess, SpectacularAPIView):
    access: ClassVar[Access] = {"get": anyone_known}
    http_method_names = ("get", "head", "options")
    schema = None
    serve_public = True
    custom_settings = SETTINGS

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with _one_at_a_time:
            return super().get(request, *args, **kwargs)


class Docs(ApiAccess, SpectacularSwaggerSplitView):
    """Pages whose scripts come from this site, not from elsewhere."""

    access: ClassVar[Access] = {"get": anyone_known}
    http_method_names = ("get", "head", "options")
    schema = None
    template_name = "stripeflow/workflows/api/docs.html"
    url_name = "stripeflow_api:schema"
    title = SETTINGS["TITLE"]

    @staticmethod
    def _swagger_ui_resource(filename: str) -> str:
        return static(f"drf_spectacular_sidecar/swagger-ui-dist/{filename}")

    @staticmethod
    def _swagger_ui_favicon() -> str:
        return static("drf_spectacular_sidecar/swagger-ui-dist/favicon-32x32.png")
