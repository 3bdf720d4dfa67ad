from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("stripeflow.triggers.urls")),
    path("djstripe/", include("djstripe.urls", namespace="djstripe")),
    path("admin/", admin.site.urls),
]
