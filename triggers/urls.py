from django.urls import path

from triggers import views

app_name = "stripeflow_triggers"

urlpatterns = [
    path("stripe/webhook/<uuid:uuid>/", views.webhook, name="webhook"),
]
