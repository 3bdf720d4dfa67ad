"""What watches an installation from outside; included at the root of a site."""

from django.urls import path

from stripeflow.workflows.monitoring.health import health
from stripeflow.workflows.monitoring.metrics import metrics

app_name = "stripeflow_monitoring"

urlpatterns = [
    path("health/", health, name="health"),
    path("metrics", metrics, name="metrics"),
]
