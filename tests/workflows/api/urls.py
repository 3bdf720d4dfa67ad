"""The API and the admin alone, where a host project would include them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("stripeflow.workflows.api.urls")),
]
