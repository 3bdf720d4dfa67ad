from django.apps import AppConfig


class UniqueConfig(AppConfig):
    name = "tests.campaigns.weakened.unique"

    def ready(self):
        from stripeflow.triggers.models import Event
        from stripeflow.workflows.models import Run, StepRun

        for model in (Event, Run, StepRun):
            model._meta.constraints = []
