"""`manage.py stripeflow_run`: do something to runs, one or many, from the command line."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from stripeflow.triggers import strict_json
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.history.retry_preview import retry_preview
from stripeflow.workflows.history.undecided_lines import undecided_lines
from stripeflow.workflows.history.unknown_lines import unknown_lines
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.operations import bulk, verbs
from stripeflow.workflows.operations.asking import Asked, inputs_of
from stripeflow.workflows.operations.choosing import choose_each
from stripeflow.workflows.operations.invoking import active_version_of, invoke
from stripeflow.workflows.operations.outputs import read_outputs
from stripeflow.workflows.operations.resolving import read_mark, resolve_each, unknown_steps
from stripeflow.workflows.operations.table import MAX_TEXT, read
from stripeflow.workflows.operations.verbs import Outcome, Result, Verb

# They leave a run as it is that has gone on since somebody looked.
_LOOK_BACK = (Verb.WAKE, Verb.RESTART, Verb.RERUN)
RESOLVE, CHOOSE, START = "resolve", "choose", "start"


class Command(BaseCommand):
    """Each run for itself; the command fails if one of them could not be done."""

    help = (
        "Cancels, releases, wakes, retries, restarts or resolves runs, or chooses the branch of undecided "
        "ones. “wake” ends the wait of a run. A "
        "line for each says what became of it. “resolve” without an outcome and “choose” without a branch "
        "change nothing: they name what each run asks, after the ID:REVISION that you then answer with. "
        "“start” takes the ID of a workflow that starts on demand, and starts a run of it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=[*Verb.values, RESOLVE, CHOOSE, START], help="what is done")
        parser.add_argument(
            "runs",
            nargs="+",
            metavar="id",
            help="runs; ID:REVISION to resolve or choose; a workflow to start",
        )
        parser.add_argument("--note", default="", help="why; kept with the run")
        parser.add_argument(
            "--seen-at",
            type=_time,
            help="with wake, restart, rerun: when you looked, as 2026-01-01T12:00:00Z; a run that has come "
            "to another wait since, or was started again, is left as it is",
        )
        parser.add_argument("--outcome", choices=Outcome.values, help="with resolve: what became of the step")
        parser.add_argument("--outputs", help="with --outcome happened: what it gave, as a JSON object")
        parser.add_argument("--branch", help="with choose: key of the branch that the runs take")
        parser.add_argument("--inputs", default="{}", help="with start: the inputs by name, as a JSON object")
        parser.add_argument("--key", help="with start: the same key starts one run only")
        parser.add_argument(
            "--csv",
            metavar="FILE",
            help="with start: one run for each line of this file, or of the standard input (-), by --key; "
            "shows what would start, and starts it with --yes",
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="INPUT=COLUMN",
            help="with --csv: which column holds an input; else the one of its name or label",
        )
        parser.add_argument("--yes", action="store_true", help="with --csv: start the runs")
        parser.add_argument("--confirm", default="", help="with --csv and --yes: the sum, where money moves")
        parser.add_argument("--mode", choices=["live", "test"], help="with start: where both are possible")
        parser.add_argument("--active", type=int, help="with start: the version that has to be active")
        parser.add_argument("--account", help="with start: where several are possible")

        parser.add_argument(
            "--preview", action="store_true", help="with retry: only say which items of a loop run again"
        )

    def handle(self, *args: object, **options: Any) -> None:
        verb = options["verb"]
        if options["preview"] and verb != Verb.RETRY:
            raise CommandError("--preview belongs to retry.")
        if verb == START:
            self._start(options)
            return
        runs = dict(_seen(one) for one in options["runs"])
        self._check(verb, runs, options)
        if options["preview"]:
            self._preview(runs)
            return
        results = self._results(verb, runs, options, _act(self, options))
        if results is None:
            return
        if failed := sum(self._tell(result) for result in results):
            raise CommandError(f"{failed} of {len(runs)} runs could not be done.")

    def _check(self, verb: str, runs: dict[UUID, int | None], options: dict[str, Any]) -> None:
        if verb != RESOLVE and (options["outcome"] or options["outputs"] is not None):
            raise CommandError("--outcome and --outputs belong to resolve.")
        if verb != CHOOSE and options["branch"]:
            raise CommandError("--branch belongs to choose.")
        if verb not in _LOOK_BACK and options["seen_at"]:
            raise CommandError("--seen-at belongs to wake, restart and rerun.")
        if verb in Verb.values and any(revision is not None for revision in runs.values()):
            raise CommandError("Revisions belong to resolve and choose.")

    def _preview(self, runs: dict[UUID, int | None]) -> None:
        """Say of each run which items a retry would take again. Nothing is changed."""
        for run in Run.objects.select_related("version").filter(pk__in=runs):
            found = retry_preview(run)
            lines = found.lines if found else ("Its retry takes no items of a loop.",)
            self.stdout.write(f"{run.pk}  {' '.join(lines)}")

    def _start(self, options: dict[str, Any]) -> None:
        """Start a run, and say which one; the command fails if none was started."""
        if options["csv"]:
            self._start_many(options)
            return
        try:
            invoked = invoke(_workflow(options["runs"]), _asked(options), Act.by(self, options["note"]))
        except NotPossible as error:
            raise CommandError(str(error)) from error
        if invoked.run is None:
            raise CommandError(f"No run was started: {invoked.reason}")
        again = "" if invoked.accepted.created else "  (started before by this key)"
        self.stdout.write(f"{invoked.run.pk}  {invoked.run.status}{again}")

    def _start_many(self, options: dict[str, Any]) -> None:
        """Show what the lines would start, or start them; the command fails if one could not be started."""
        workflow, asked = _workflow(options["runs"]), _asked(options)
        try:
            declared = inputs_of(active_version_of(workflow))
            rows = read(declared, _text_of(options["csv"]), _columns(options["column"])).rows
            if not options["yes"]:
                self._show(bulk.preview(workflow, rows, asked))
                return
            if not options["key"]:
                raise CommandError("Name the bulk by --key: with the same key no line starts a second run.")
            act = Act.by(self, options["note"])
            done = bulk.start(workflow, rows, asked, act, typed=options["confirm"])
        except NotPossible as error:
            raise CommandError(str(error)) from error
        for one in done:
            again = "" if one.is_new else "  (started before by this key)"
            said = f"{one.run.pk}  {one.run.status}{again}" if one.run else one.reason
            (self.stdout if one.run else self.stderr).write(f"line {one.number}  {said}")
        if without := sum(one.run is None for one in done):
            raise CommandError(f"{without} of {len(done)} lines started no run.")

    def _show(self, found: bulk.Bulk) -> None:
        for line in found.lines:
            if line.row.problems:
                said = " ".join(one.message for one in line.row.problems)
                self.stdout.write(f"line {line.row.number}  {said}")
            elif line.run:
                self.stdout.write(f"line {line.row.number}  started before: {line.run.pk}")
        for one in found.sums:
            self.stdout.write(f"{one.label}: {one.text}")
        if found.wrong:
            raise CommandError(f"{len(found.wrong)} lines have problems.")
        confirm = f' --confirm "{found.confirmation}"' if found.confirmation else ""
        self.stdout.write(f"{len(found.new)} runs would start. Say so with --key KEY --yes{confirm}.")

    def _results(
        self, verb: str, runs: dict[UUID, int | None], options: dict[str, Any], act: Act
    ) -> Iterator[Result] | None:
        """What comes of each run; None if its question was only printed."""
        if verb == CHOOSE:
            if options["branch"]:
                return choose_each(_as_seen(runs, "choose without --branch"), options["branch"], act)
            self._ask_for_branches(runs)
            return None
        if verb != RESOLVE:
            return verbs.perform_each(runs, Verb(verb), act)
        if options["outcome"] or options["outputs"] is not None:
            return self._resolve(runs, options, act)
        self._ask(runs)
        return None

    def _ask(self, runs: dict[UUID, int | None]) -> None:
        """Show what is not known, as far as a person needs it to find out; and of which runs all is known."""
        found = Run.objects.select_related("workflow", "version", "event").in_bulk(list(runs))
        unknown = unknown_steps(found)
        for one in filter(unknown.get, runs):
            self.stdout.write("\n".join(unknown_lines(found[one])))
        if known := [str(one) for one in runs if one not in unknown]:
            raise CommandError("These have no unknown outcome: " + ", ".join(known) + ".")

    def _ask_for_branches(self, runs: dict[UUID, int | None]) -> None:
        """Show what each undecided run asks, and which runs are not undecided."""
        found = Run.objects.select_related("workflow", "version", "event").in_bulk(list(runs))
        lines = {one: list(undecided_lines(run)) for one, run in found.items()}
        for one in filter(lines.get, runs):
            self.stdout.write("\n".join(lines[one]))
        if decided := [str(one) for one in runs if not lines.get(one)]:
            raise CommandError("These are not undecided: " + ", ".join(decided) + ".")

    def _resolve(self, runs: dict[UUID, int | None], options: dict[str, Any], act: Act) -> Iterator[Result]:
        if not options["outcome"]:
            raise CommandError("Say what became of the step: --outcome " + ", ".join(Outcome.values) + ".")
        seen = _as_seen(runs, "resolve without --outcome")
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


def _act(command: Command, options: dict[str, Any]) -> Act:
    return replace(Act.by(command, options["note"]), seen_at=options["seen_at"])


def _time(text: str) -> datetime:
    """The moment that is written so. Raises `ArgumentTypeError` for what is none, or has no zone."""
    with suppress(ValueError):
        found = parse_datetime(text)
        if found is not None and timezone.is_aware(found):
            return found
    raise ArgumentTypeError(f"“{text}” is no time with a zone, as 2026-01-01T12:00:00Z.")


def _as_seen(runs: dict[UUID, int | None], printed_by: str) -> dict[UUID, int]:
    seen = {one: revision for one, revision in runs.items() if revision is not None}
    if len(seen) < len(runs):
        raise CommandError(f"Say what you have seen: ID:REVISION, as {printed_by} prints it.")
    return seen


def _seen(text: str) -> tuple[UUID, int | None]:
    try:
        return read_mark(text) if ":" in text else (UUID(text), None)
    except ValueError as error:
        raise CommandError(f"“{text}” is not the ID of a run.") from error


def _workflow(ids: list[str]) -> Workflow:
    if len(ids) != 1 or not (ids[0].isascii() and ids[0].isdigit()):
        raise CommandError("Name one workflow by its ID, as in the address of its page.")
    workflow = Workflow.objects.select_related("active_version").filter(pk=int(ids[0][:18])).first()
    if workflow is None:
        raise CommandError(f"There is no workflow {ids[0]}.")
    return workflow


def _text_of(name: str) -> str:
    try:
        if name == "-":
            return sys.stdin.read(MAX_TEXT + 1)
        with Path(name).open(encoding="utf-8", newline="") as file:
            return file.read(MAX_TEXT + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--csv: {error}") from error


def _columns(given: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if not all(name and column for name, _mark, column in pairs):
        raise CommandError("--column has to be INPUT=COLUMN.")
    return {name: column for name, _mark, column in pairs}


def _asked(options: dict[str, Any]) -> Asked:
    try:
        values = strict_json.parse(options["inputs"])
    except strict_json.Refused as error:
        raise CommandError(f"--inputs: {error}") from error
    if not isinstance(values, dict):
        raise CommandError("--inputs has to be a JSON object.")
    mode = options["mode"]
    chosen = {
        "livemode": mode == "live" if mode else None,
        "account": options["account"],
        "version": options["active"],
    }
    return Asked(values, options["key"], **chosen) if options["key"] else Asked(values, **chosen)
