"""`manage.py stripeflow_prune`: empty the payloads of what is old and over."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from stripeflow.workflows.audit import pruning as audit_pruning
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.maintenance.retention import BATCH, Pruned, prune


def positive(text: str) -> int:
    """A whole number above zero. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"“{text}” is not a whole number above zero.")
    return int(text)


class Command(BaseCommand):
    """Empties payloads, inputs, outputs and explanations; rows, states, times and keys stay."""

    help = (
        "Empties the payloads of events, and the inputs, outputs and explanations of runs, that are older "
        "than so many days. What is not finished stays. May be killed and repeated. Nothing brings them back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=positive, required=True, help="how old what is emptied is")
        parser.add_argument("--batch", type=positive, default=BATCH, help=f"rows at once (default: {BATCH})")
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: object, **options: Any) -> None:
        def report(so_far: Pruned) -> None:
            if options["verbosity"] > 1:
                self.stdout.write(f"… {so_far.runs} runs, {so_far.events} events")

        done = prune(
            timedelta(days=options["days"]),
            batch=options["batch"],
            dry_run=options["dry_run"],
            act=Act.by(self),
            report=report,
        )
        if not options["dry_run"] and (gone := audit_pruning.prune(Act.by(self))):
            self.stdout.write(f"Deleted {gone} entries of the audit log.")
        verb = "Would empty" if options["dry_run"] else "Emptied"
        self.stdout.write(f"{verb} {done.runs} runs and {done.events} events.")
