"""The schema of this API and its pages, the same in every host project."""

from typing import ClassVar

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from workflows.api.access import Access, anyone_known
from workflows.api.openapi import SETTINGS
from workflows.api.views import ApiAccess


class Schema(ApiAccess, SpectacularAPIView):
    access: ClassVar[Access] = {"get": anyone_known}
    http_method_names = ("get", "head")
    schema = None
    serve_public = True
    custom_settings = SETTINGS


class Docs(ApiAccess, SpectacularSwaggerView):
    access: ClassVar[Access] = {"get": anyone_known}
    http_method_names = ("get", "head")
    schema = None
    url_name = "stripeflow_api:schema"
