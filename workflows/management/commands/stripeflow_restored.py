"""`manage.py stripeflow_restored`: after a backup was restored, before any worker starts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from stripeflow.triggers.event_listing import KEPT, ListingError
from stripeflow.triggers.management.commands.stripeflow_reconcile import moment
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.maintenance import restoring


class Command(BaseCommand):
    """Makes a restored database safe to go on with."""

    help = (
        "To be called once the database was put back to a backup, before a worker starts: throws the kill "
        "switch, accepts the events that came after the backup, and holds the runs that may have sent an "
        "e-mail, or done what else cannot be recognised, in the hours that are lost. May be repeated."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--at", type=moment, required=True, help="when the backup was made: 3h, 2d, or a time in ISO 8601"
        )

    def handle(self, *args: object, **options: Any) -> None:
        if options["at"] < timezone.now() - KEPT:
            self.stderr.write(self.style.WARNING("Stripe keeps events for 30 days; older ones are gone."))
        try:
            result = restoring.restored(options["at"], act=Act.by(self))
        except ListingError as error:
            raise CommandError(
                f"{error} Everything is stopped. Run this command again before a worker starts."
            ) from error
        for name, counts in result.counts.items():
            numbers = ", ".join(f"{kind} {number}" for kind, number in vars(counts).items())
            self.stdout.write(f"{name}: {numbers}")
        if not result.counts:
            self.stderr.write(self.style.WARNING("There is no API key, so no events were listed."))
        self.stdout.write(
            f"{result.held} runs are held, since nobody can tell whether a step of theirs was done. Cancel "
            "those that were through; then “manage.py stripeflow_switch start”, and release the others."
        )
