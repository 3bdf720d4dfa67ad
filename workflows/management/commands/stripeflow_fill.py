"""`manage.py stripeflow_fill`: run the times of a schedule between two dates, after showing them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from stripeflow.triggers.management.commands.stripeflow_reconcile import moment
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations.filling import Period, fill, period_of
from stripeflow.workflows.schedules.naming import identity_of


class Command(BaseCommand):
    """Previews by default; `--yes` starts the runs."""

    help = (
        "Shows the times of a workflow's schedule between two dates, and which of them have run. With --yes "
        "those that have not run start a run each. If the workflow moves money, --confirm names their number."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workflow", type=int, help="the workflow's ID, as in the address of its page")
        parser.add_argument("--since", type=moment, required=True, help="3d, 12h, or ISO 8601")
        parser.add_argument("--until", type=moment, help="the period ends before; default: now")
        parser.add_argument("--note", default="", help="why; kept with the runs")
        parser.add_argument("--yes", action="store_true", help="start the runs")
        parser.add_argument("--confirm", type=int, metavar="NUMBER", help="with --yes: how many runs start")

    def handle(self, *args: object, **options: Any) -> None:
        workflow = Workflow.objects.select_related("active_version").filter(pk=options["workflow"]).first()
        if workflow is None:
            raise CommandError(f"There is no workflow {options['workflow']}.")
        try:
            period = period_of(workflow, options["since"], options["until"] or timezone.now())
            if options["yes"]:
                self._fill(period, options)
            else:
                self._show(period)
        except NotPossible as error:
            raise CommandError(str(error)) from error

    def _show(self, period: Period) -> None:
        for one in period.times:
            run = f" run {one.run.pk}" if one.run else ""
            self.stdout.write(f"{identity_of(one.at)}  {one.state}{run}: {one.state.sentence}")
        if period.more:
            self.stdout.write("Later ones follow within the period.")
        number = len(period.new)
        confirm = f" --confirm {number}" if period.moves_money else ""
        self.stdout.write(f"{number} runs would start. Say so with --yes{confirm}.")

    def _fill(self, period: Period, options: dict[str, Any]) -> None:
        times = [one.at for one in period.new]
        done = fill(period.version, times, Act.by(self, options["note"]), confirmed=options["confirm"])
        for run in done.started:
            self.stdout.write(f"{identity_of(run.event.created)}  run {run.pk} is {run.get_status_display()}")
        for one in done.left:
            self.stdout.write(f"{identity_of(one.event.created)}  {one.outcome}: {one.outcome.sentence}")
        self.stdout.write(f"Started {len(done.started)} runs.")
