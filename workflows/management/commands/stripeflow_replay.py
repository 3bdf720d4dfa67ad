"""`manage.py stripeflow_replay`: start a workflow for stored events, after showing what would run."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from triggers.management.commands.stripeflow_reconcile import moment
from workflows.models import Workflow, WorkflowVersion
from workflows.replay import MAX_EVENTS, Judged, NotReplayable, Outcome, execute, preview, select, version_of


class Command(BaseCommand):
    """Previews by default; `--yes` starts the runs."""

    help = (
        "Shows what a workflow would make of stored events, whenever they were created, and with --yes "
        "starts the runs. What never arrived comes in by stripeflow_reconcile first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workflow", type=int, help="the workflow's ID, as in the address of its page")
        parser.add_argument("--on", type=int, metavar="NUMBER", help="a version, instead of the active one")
        chosen = parser.add_mutually_exclusive_group(required=True)
        chosen.add_argument("--events", nargs="+", default=[], metavar="evt_…", help="these events")
        chosen.add_argument("--since", type=moment, help="those created since: 3d, 12h, or ISO 8601")
        parser.add_argument("--until", type=moment, help="and before")
        parser.add_argument("--limit", type=int, default=MAX_EVENTS, help=f"at most {MAX_EVENTS}")
        parser.add_argument("--again", action="store_true", help="also those that the workflow has run for")
        parser.add_argument("--yes", action="store_true", help="start the runs")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            version = self._version(options)
            events = select(
                version,
                since=options["since"],
                until=options["until"],
                external_ids=options["events"],
                limit=options["limit"],
            )
            self.stdout.write(f"“{version.workflow}”, {version}: {len(events)} events.")
            if options["yes"]:
                done = execute(events, version, again=options["again"])
                for run in done.started:
                    self.stdout.write(f"{run.event.external_id}  run {run.pk} is {run.get_status_display()}")
                self._tell(done.left)
                self.stdout.write(f"Started {len(done.started)} runs.")
                return
            judged = preview(events, version, again=options["again"])
        except NotReplayable as error:
            raise CommandError(str(error)) from error
        self._tell(judged)
        would = sum(one.outcome is Outcome.WOULD_START for one in judged)
        self.stdout.write(f"{would} runs would start. Say so with --yes.")

    def _version(self, options: dict[str, Any]) -> WorkflowVersion:
        workflow = Workflow.objects.filter(pk=options["workflow"]).first()
        if workflow is None:
            raise CommandError(f"There is no workflow {options['workflow']}.")
        return version_of(workflow, options["on"])

    def _tell(self, judged: list[Judged] | tuple[Judged, ...]) -> None:
        for one in judged:
            created = f"{one.event.created:%Y-%m-%d %H:%M:%S}"
            self.stdout.write(f"{one.event.external_id}  {created}  {one.outcome}: {one.reason}")
