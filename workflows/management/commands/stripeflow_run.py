"""`manage.py stripeflow_run`: do something to runs, one or many, from the command line."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from workflows import verbs
from workflows.operations import Act
from workflows.outputs import read_outputs
from workflows.resolving import resolve_each
from workflows.verbs import Outcome, Result, Verb

RESOLVE = "resolve"


class Command(BaseCommand):
    """Each run for itself; the command fails if one of them could not be done."""

    help = "Cancels, releases, retries, restarts or resolves runs. A line for each says what became of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=[*Verb.values, RESOLVE], help="what is done")
        parser.add_argument("ids", nargs="+", metavar="id", type=_id, help="runs, by their ids")
        parser.add_argument("--note", default="", help="why; kept with the run")
        parser.add_argument("--outcome", choices=Outcome.values, help="with resolve: what became of the step")
        parser.add_argument("--outputs", help="with --outcome happened: what it gave, as a JSON object")

    def handle(self, *args: object, **options: Any) -> None:
        act = Act(note=options["note"])
        if options["verb"] == RESOLVE:
            results = self._resolve(options, act)
        elif options["outcome"] or options["outputs"] is not None:
            raise CommandError("--outcome and --outputs belong to resolve.")
        else:
            results = verbs.perform_each(options["ids"], Verb(options["verb"]), act)
        if failed := sum(self._tell(result) for result in results):
            raise CommandError(f"{failed} of {len(set(options['ids']))} runs could not be done.")

    def _resolve(self, options: dict[str, Any], act: Act) -> Iterator[Result]:
        if not options["outcome"]:
            raise CommandError("Say what became of the step: --outcome " + ", ".join(Outcome.values) + ".")
        outcome, outputs = Outcome(options["outcome"]), None
        if options["outputs"] is not None:
            if outcome is not Outcome.HAPPENED:
                raise CommandError("Only a step that happened has outputs.")
            try:
                outputs = read_outputs(options["outputs"])
            except ValueError as error:
                raise CommandError(str(error)) from error
        elif len(set(options["ids"])) == 1:
            # One run is looked at; of many, what later steps need is not left out unawares.
            outputs = {}
        return resolve_each(options["ids"], outcome, act, outputs=outputs)

    def _tell(self, result: Result) -> bool:
        if result.run is None:
            self.stderr.write(f"{result.id}  {result.message}")
            return True
        new = "" if result.run.pk == result.id else f" as {result.run.pk}"
        self.stdout.write(f"{result.id}  {result.run.status}{new}")
        return False


def _id(text: str) -> UUID:
    return UUID(text)
