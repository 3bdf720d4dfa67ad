"""`manage.py stripeflow_pause`: pause one workflow, or let it go on, from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.limits import people
from stripeflow.workflows.models import Workflow


class Command(BaseCommand):
    help = "Holds the runs of a workflow until it is resumed. Nothing is lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workflow", type=int, help="the workflow's ID, as in the address of its page")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--reason", default="", help="why; shown to everybody, and sent to the owner")
        what.add_argument("--resume", action="store_true", help="end the pause")

    def handle(self, *args: object, **options: Any) -> None:
        workflow = Workflow.objects.filter(pk=options["workflow"]).first()
        if workflow is None:
            raise CommandError(f"There is no workflow {options['workflow']}.")
        try:
            if options["resume"]:
                released = people.resume(workflow, Act.by(self)).released
                self.stdout.write(f"Resumed “{workflow}”. {released} held runs go on.")
                return
            people.pause(workflow, Act.by(self, options["reason"]))
        except NotPossible as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Paused “{workflow}”.")
