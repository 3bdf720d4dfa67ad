from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("stripeflow.workflows.api.urls")),
    path("", include("stripeflow.triggers.urls")),
    path("", include("stripeflow.workflows.monitoring.urls")),
]
