"""`manage.py stripeflow_switch`: the kill switch from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.limits import people, switch


class Command(BaseCommand):
    help = "Stops all workflows, starts them again, or shows whether they are stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("command", choices=["stop", "start", "show"])
        parser.add_argument("--reason", default="", help="with stop: why; shown to everybody")

    def handle(self, *args: object, **options: Any) -> None:
        act = Act.by(self, options["reason"])
        try:
            if options["command"] == "stop":
                people.stop_all(act)
            elif options["command"] == "start":
                self.stdout.write(f"Started. {people.start_all(act).released} held runs go on.")
                return
        except NotPossible as error:
            raise CommandError(str(error)) from error
        self._show()

    def _show(self) -> None:
        state = switch.current()
        if state.stopped_at is None:
            self.stdout.write("The workflows are not stopped.")
            return
        who = state.user_name or "the command line"
        self.stdout.write(
            f"Stopped {state.stopped_at:%Y-%m-%d %H:%M:%S} UTC by {who}. {state.reason}".strip()
        )
        self.stdout.write(f"{people.held_by_switch()} runs are held.")
