from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ActionsConfig(AppConfig):
    name = "stripeflow.actions"
    label = "stripeflow_actions"
    verbose_name = _("Actions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from stripeflow.actions import checks  # noqa: F401

        autodiscover_modules("stripeflow_actions")
