from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class TriggersConfig(AppConfig):
    name = "stripeflow.triggers"
    label = "stripeflow_triggers"
    verbose_name = _("Triggers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from stripeflow.triggers import checks, queue, receivers
        from stripeflow.triggers.queue import tasks

        checks.register_all()
        tasks.register(*tasks.TASKS)
        queue.connect()
        receivers.connect()
        autodiscover_modules("stripeflow_triggers")
