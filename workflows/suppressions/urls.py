"""The page where customers unsubscribe; included at the root of a site."""

from django.urls import path

from stripeflow.workflows.suppressions.views import unsubscribe

app_name = "stripeflow_email"

urlpatterns = [
    path("email/unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
]
