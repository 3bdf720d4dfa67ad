"""`manage.py stripeflow_replay`: start a workflow for stored events, after showing what would run."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stripeflow.triggers.management.commands.stripeflow_reconcile import moment
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations.replay import MAX_EVENTS, NotReplayable, execute, preview
from stripeflow.workflows.operations.replay_choice import Choice, Chosen, choose
from stripeflow.workflows.operations.replay_outcomes import Judged, Outcome


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
        parser.add_argument("--note", default="", help="why; kept with the runs")
        parser.add_argument("--yes", action="store_true", help="start the runs")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            chosen = choose(self._choice(options))
            self._tell_of(chosen)
            if options["yes"]:
                self._execute(chosen, options)
            else:
                self._preview(chosen, again=options["again"])
        except NotReplayable as error:
            raise CommandError(str(error)) from error

    def _choice(self, options: dict[str, Any]) -> Choice:
        workflow = Workflow.objects.filter(pk=options["workflow"]).first()
        if workflow is None:
            raise CommandError(f"There is no workflow {options['workflow']}.")
        names = ("since", "until", "limit")
        span = {name: options[name] for name in names}
        return Choice(workflow, options["on"], ids=tuple(options["events"]), **span)

    def _tell_of(self, chosen: Chosen) -> None:
        self.stdout.write(
            f"“{chosen.version.workflow}”, {chosen.version}: {len(chosen.events)} events."
            + (" Newer ones follow within the span." if chosen.more else "")
        )
        for one in chosen.missing:
            self.stdout.write(f"{one}  never arrived; stripeflow_reconcile brings it in.")

    def _preview(self, chosen: Chosen, *, again: bool) -> None:
        judged = preview(chosen.events, chosen.version, again=again)
        self._tell(judged)
        would = sum(one.outcome is Outcome.WOULD_START for one in judged)
        self.stdout.write(f"{would} runs would start. Say so with --yes.")

    def _execute(self, chosen: Chosen, options: dict[str, Any]) -> None:
        done = execute(
            chosen.events, chosen.version, act=Act.by(self, options["note"]), again=options["again"]
        )
        for run in done.started:
            self.stdout.write(f"{run.event.external_id}  run {run.pk} is {run.get_status_display()}")
        self._tell(done.left)
        self.stdout.write(f"Started {len(done.started)} runs.")

    def _tell(self, judged: list[Judged] | tuple[Judged, ...]) -> None:
        for one in judged:
            created = f"{one.event.created:%Y-%m-%d %H:%M:%S}"
            self.stdout.write(f"{one.event.reference}  {created}  {one.outcome}: {one.reason}")
