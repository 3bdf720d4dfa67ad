from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TriggersConfig(AppConfig):
    name = "stripeflow.triggers"
    label = "stripeflow_triggers"
    verbose_name = _("Triggers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from stripeflow.triggers import checks, receivers
        from stripeflow.triggers.queue.django_q import task_guard

        checks.register_all()
        task_guard.allow("stripeflow.triggers.tasks")
        task_guard.connect()
        receivers.connect()
