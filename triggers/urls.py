from django.urls import path

from stripeflow.triggers import views

app_name = "stripeflow_triggers"

urlpatterns = [
    # Stripe follows no redirect, so that an address that was entered without its slash is one too. The last
    # one of a name is the one that is written.
    path("stripe/webhook/<uuid:uuid>", views.webhook, name="webhook"),
    path("stripe/webhook/<uuid:uuid>/", views.webhook, name="webhook"),
]
