from django.urls import include, path

from bench.views import bare

urlpatterns = [
    path("bare/", bare),
    path("", include("stripeflow.triggers.urls")),
]
