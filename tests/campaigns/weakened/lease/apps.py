from django.apps import AppConfig
from django.db.models import Q


class LeaseConfig(AppConfig):
    name = "tests.campaigns.weakened.lease"

    def ready(self):
        from stripeflow.workflows.models.run import RunQuerySet
        from stripeflow.workflows.states import RunStatus

        def claimable(self, now, **_limits):
            free = Q(status__in=[RunStatus.QUEUED, RunStatus.RUNNING])
            return self.filter(free | Q(status=RunStatus.WAITING, due_at__lte=now))

        RunQuerySet.claimable = claimable
