"""What watches an installation from outside; included at the root of a site."""

from django.urls import path

from workflows.health import health
from workflows.metrics import metrics

app_name = "stripeflow_monitoring"

urlpatterns = [
    path("health/", health, name="health"),
    path("metrics", metrics, name="metrics"),
]
