"""`manage.py stripeflow_run`: do something to runs, one or many, from the command line."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from workflows import verbs
from workflows.history.unknown_lines import unknown_lines
from workflows.models import Run
from workflows.operations import Act
from workflows.outputs import read_outputs
from workflows.resolving import read_mark, resolve_each, unknown_steps
from workflows.verbs import Outcome, Result, Verb

RESOLVE = "resolve"


class Command(BaseCommand):
    """Each run for itself; the command fails if one of them could not be done."""

    help = (
        "Cancels, releases, retries, restarts or resolves runs. A line for each says what became of it. "
        "“resolve” without an outcome changes nothing: it names the step of each run whose outcome is "
        "unknown, after the ID:REVISION that says of which one you speak when you resolve it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=[*Verb.values, RESOLVE], help="what is done")
        parser.add_argument("runs", nargs="+", metavar="id", type=_seen, help="runs; ID:REVISION to resolve")
        parser.add_argument("--note", default="", help="why; kept with the run")
        parser.add_argument("--outcome", choices=Outcome.values, help="with resolve: what became of the step")
        parser.add_argument("--outputs", help="with --outcome happened: what it gave, as a JSON object")

    def handle(self, *args: object, **options: Any) -> None:
        act, runs = Act(note=options["note"]), dict(options["runs"])
        said = options["outcome"] or options["outputs"] is not None
        if options["verb"] != RESOLVE:
            if said or any(revision is not None for revision in runs.values()):
                raise CommandError("--outcome, --outputs and revisions belong to resolve.")
            results = verbs.perform_each(runs, Verb(options["verb"]), act)
        elif said:
            results = self._resolve(runs, options, act)
        else:
            self._ask(runs)
            return
        if failed := sum(self._tell(result) for result in results):
            raise CommandError(f"{failed} of {len(runs)} runs could not be done.")

    def _ask(self, runs: dict[UUID, int | None]) -> None:
        """Show what is not known, as far as a person needs it to find out; and of which runs all is known."""
        found = Run.objects.select_related("workflow", "version", "event").in_bulk(list(runs))
        unknown = unknown_steps(found)
        for one in filter(unknown.get, runs):
            self.stdout.write("\n".join(unknown_lines(found[one])))
        if known := [str(one) for one in runs if one not in unknown]:
            raise CommandError("These have no unknown outcome: " + ", ".join(known) + ".")

    def _resolve(self, runs: dict[UUID, int | None], options: dict[str, Any], act: Act) -> Iterator[Result]:
        if not options["outcome"]:
            raise CommandError("Say what became of the step: --outcome " + ", ".join(Outcome.values) + ".")
        seen = {one: revision for one, revision in runs.items() if revision is not None}
        if len(seen) < len(runs):
            raise CommandError("Say what you have seen: ID:REVISION, as resolve without --outcome prints it.")
        outcome, outputs = Outcome(options["outcome"]), None
        if options["outputs"] is not None:
            if outcome is not Outcome.HAPPENED:
                raise CommandError("Only a step that happened has outputs.")
            try:
                outputs = read_outputs(options["outputs"])
            except ValueError as error:
                raise CommandError(str(error)) from error
        elif len(seen) == 1:
            # One run is looked at; of many, what later steps need is not left out unawares.
            outputs = {}
        return resolve_each(seen, outcome, act, outputs=outputs)

    def _tell(self, result: Result) -> bool:
        if result.run is None:
            self.stderr.write(f"{result.id}  {result.message}")
            return True
        new = "" if result.run.pk == result.id else f" as {result.run.pk}"
        self.stdout.write(f"{result.id}  {result.run.status}{new}")
        return False


def _seen(text: str) -> tuple[UUID, int | None]:
    return read_mark(text) if ":" in text else (UUID(text), None)
