"""`manage.py stripeflow_rehearse`: what a workflow would do, without doing it."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stripeflow.actions import registry
from stripeflow.actions.money import format_minor
from stripeflow.triggers.models import Event
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.scope_words import refusal_sentence
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.models import Workflow, WorkflowVersion
from stripeflow.workflows.operations.choosing import ways_of
from stripeflow.workflows.rehearsal.backtest import MAX_DAYS, Span, backtest
from stripeflow.workflows.rehearsal.drafts import NotRehearsable, Script, script_of
from stripeflow.workflows.rehearsal.results import StepResult
from stripeflow.workflows.rehearsal.trials import Trial, rehearse_event, rehearse_payload, rehearse_sample


class Command(BaseCommand):
    """One event, a made-up one, or all those of some days."""

    help = (
        "Shows what a workflow would make of an event, or of the stored events of some days. Sends nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workflow", type=int, help="the workflow's ID, as in the address of its page")
        parser.add_argument("--on", type=int, metavar="NUMBER", help="a version, instead of the draft")
        parser.add_argument("--anyway", action="store_true", help="walk the steps even if it would not start")
        chosen = parser.add_mutually_exclusive_group(required=True)
        chosen.add_argument("--event", metavar="evt_…", help="this stored event")
        chosen.add_argument("--sample", action="store_true", help="a made-up event")
        chosen.add_argument("--payload", metavar="FILE", help="an event, or its object, as JSON; - for stdin")
        chosen.add_argument("--days", type=int, help="back-test on the stored events of so many days")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            script = self._script(options)
            if options["days"] is not None:
                self._backtest(script, options["days"])
            else:
                self._tell(self._trial(script, options))
        except NotRehearsable as error:
            raise CommandError(str(error)) from error

    def _script(self, options: dict[str, Any]) -> Script:
        workflow = Workflow.objects.filter(pk=options["workflow"]).first()
        if workflow is None:
            raise CommandError(f"There is no workflow {options['workflow']}.")
        try:
            return script_of(workflow, options["on"])
        except WorkflowVersion.DoesNotExist as error:
            raise CommandError(f"“{workflow}” has no version {options['on']}.") from error

    def _trial(self, script: Script, options: dict[str, Any]) -> Trial:
        if options["payload"] is not None:
            return rehearse_payload(script, self._payload(options["payload"]), anyway=options["anyway"])
        if options["sample"]:
            return rehearse_sample(script, anyway=options["anyway"])
        event = Event.objects.called(options["event"]).first()
        if event is None:
            raise CommandError("No event with this ID has arrived; stripeflow_reconcile brings it in.")
        return rehearse_event(script, event, anyway=options["anyway"], payloads=True)

    def _payload(self, name: str) -> Json:
        try:
            text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
            payload = json.loads(text)
        except (OSError, ValueError) as error:
            raise CommandError(f"{name} cannot be read as JSON: {error}") from error
        if not isinstance(payload, dict):
            raise CommandError(f"{name} has to hold a JSON object: an event, or the object of one.")
        return payload

    def _tell(self, trial: Trial) -> None:
        found = trial.found
        if trial.other_event:
            self.stdout.write(trial.other_event)
        if found.refusal:
            self.stdout.write(refusal_sentence(found.refusal, trial.given.account))
        self.stdout.write(f"Trigger conditions: {found.truth.value}")
        for line in found.trigger.deciding if found.trigger else ():
            self.stdout.write(f"  {line.reason}")
        self._steps(found.steps, trial.script.document, "")
        self.stdout.write(f"End: {found.end}. Nothing was sent.")

    def _steps(self, steps: tuple[StepResult, ...], document: Json, indent: str) -> None:
        for step in steps:
            self.stdout.write(f"{indent}{title_in(document, step.key)}: {step.state}")
            if step.action is not None:
                self._action(step, document, indent + "  ")
                continue
            if step.goes_on_at is not None:
                self.stdout.write(f"{indent}  goes on at {step.goes_on_at:%Y-%m-%d %H:%M:%S} UTC")
            for waited in step.waits_for:
                self.stdout.write(f"{indent}  would wait for {waited}: not evaluated")
            titles = {way.key: way.title for way in ways_of(document, step.key)}
            for way in step.ways:
                self.stdout.write(f"{indent}  {titles[way.key]}: {way.state}")
                for line in way.evaluation.deciding if way.evaluation else ():
                    self.stdout.write(f"{indent}    {line.reason}")
                self._steps(way.steps, document, indent + "    ")

    def _action(self, step: StepResult, document: Json, indent: str) -> None:
        action = registry.find(step.action or "")
        for name, value in (action.masked(step.inputs) if action else {}).items():
            self.stdout.write(f"{indent}{name} = {value}")
        for fault in step.faults:
            self.stdout.write(f"{indent}{fault.message}")
        if step.outputs:
            self.stdout.write(f"{indent}outputs: {step.outputs.origin} {step.outputs.event}".rstrip())
        self._steps(step.error_steps, document, indent + "if it fails: ")

    def _backtest(self, script: Script, days: int) -> None:
        if not 0 < days <= MAX_DAYS:
            raise CommandError(f"From 1 to {MAX_DAYS} days.")
        found = backtest(script, Span.of_days(days))
        for match in found.matches:
            moved = ", ".join(format_minor(one.amount, one.currency) for one in match.moved)
            words = [match.reference, f"{match.created:%Y-%m-%d %H:%M:%S}", match.object_id, moved]
            self.stdout.write("  ".join(filter(None, words)))
        self.stdout.write(
            f"{len(found.matches)} of {found.looked_at} events would have started it; "
            f"looked at {found.looked_at} of {found.total}."
        )
        if found.out_of_scope:
            self.stdout.write(f"{found.out_of_scope} further events are of another mode or account.")
        for currency, amount in sorted(found.moved.items()):
            self.stdout.write(f"{format_minor(amount, currency)} would have been refunded.")
        if found.undecided:
            self.stdout.write(f"{found.undecided} of them would be held: a person has to choose the branch.")
        if found.unknown_amounts:
            self.stdout.write(
                f"{found.unknown_amounts} steps move an amount of money that the event alone does not show."
            )
