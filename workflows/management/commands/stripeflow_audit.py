"""`manage.py stripeflow_audit`: who did what, as CSV or JSON."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from stripeflow.triggers.management.commands.stripeflow_reconcile import moment
from stripeflow.workflows.audit import exporting, kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.reading import entries
from stripeflow.workflows.audit.record import record


class Command(BaseCommand):
    """Writes the audit log to the standard output, while it reads it."""

    help = "Exports the audit log: who did what, when, by what and from where. The newest entry comes first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=sorted(exporting.FORMATS), default="csv")
        parser.add_argument("--since", type=moment, help="3d, 12h, 30m, or a time in ISO 8601")
        parser.add_argument("--until", type=moment, help="the same; without it, up to now")
        parser.add_argument("--user", help="only what this person did, by user name")
        parser.add_argument("--kind", choices=[kind.key for kind in kinds.known()], metavar="KIND")
        parser.add_argument("--workflow", type=int, help="only what concerns the workflow of this ID")

    def handle(self, *args: object, **options: Any) -> None:
        names = ("since", "until", "user", "kind", "workflow")
        wanted = {name: options[name] for name in names if options[name] is not None}
        # Read before its own entry is written.
        with transaction.atomic():
            for part in exporting.FORMATS[options["format"]](entries(wanted)):
                self.stdout.write(part, ending="")
            record(kinds.AUDIT_EXPORTED, Act.by(self), after={"format": options["format"]})
