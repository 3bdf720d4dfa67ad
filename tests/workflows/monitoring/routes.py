"""The URLs of a host that mounts only what watches it."""

from django.urls import include, path

urlpatterns = [path("", include("stripeflow.workflows.monitoring.urls"))]
