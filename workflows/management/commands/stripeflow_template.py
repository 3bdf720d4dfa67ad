"""`manage.py stripeflow_template`: templates that people have saved."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.models import SavedTemplate, Workflow
from stripeflow.workflows.operations import saving_templates
from stripeflow.workflows.operations.saving_templates import Called
from stripeflow.workflows.workflow_templates import Goal, UnknownTemplate
from stripeflow.workflows.workflow_templates.saved import offered, row_of, template_of


class Command(BaseCommand):
    """Lists all templates; saves, renames and deletes those of this installation."""

    help = "List the templates; save a workflow as one; rename and delete saved ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="list the keys and names of all templates")
        saving = commands.add_parser("save", help="save a workflow's draft as a template")
        saving.add_argument("workflow", type=int, help="the workflow's ID, as in the address of its page")
        renaming = commands.add_parser("rename", help="change what a saved template is called")
        renaming.add_argument("key", help="such as saved-3")
        for one in (saving, renaming):
            one.add_argument("--name", default=None)
            one.add_argument("--description", default=None)
            one.add_argument("--goal", choices=Goal.values, default=None)
        commands.add_parser("delete", help="delete a saved template").add_argument("key")

    def handle(self, *args: object, **options: Any) -> None:
        commands: dict[str, Callable[[Any], None]] = {
            "list": self._list,
            "save": self._save,
            "rename": self._rename,
            "delete": self._delete,
        }
        try:
            commands[options["command"]](options)
        except NotPossible as error:
            raise CommandError(str(error)) from error
        except UnknownTemplate as error:
            raise CommandError(f"There is no saved template “{options['key']}”.") from error

    def _list(self, options: Any) -> None:  # noqa: ANN401
        for one in offered():
            self.stdout.write(f"{one.key}\t{one.goal}\t{one.name}")

    def _save(self, options: Any) -> None:  # noqa: ANN401
        workflow = Workflow.objects.filter(pk=options["workflow"]).first()
        if workflow is None:
            raise CommandError(f"There is no workflow {options['workflow']}.")
        made = saving_templates.save(workflow, _called(options, Called.after(workflow)), Act.by(self))
        self.stdout.write(f"Saved: {template_of(made).key}.")
        for title in made.left_empty:
            self.stdout.write(f"Left empty: {title}")

    def _rename(self, options: Any) -> None:  # noqa: ANN401
        row = row_of(options["key"])
        saving_templates.rename(row, _called(options, _called_now(row)), Act.by(self))
        self.stdout.write(f"Renamed: {options['key']}.")

    def _delete(self, options: Any) -> None:  # noqa: ANN401
        saving_templates.delete(row_of(options["key"]), Act.by(self))
        self.stdout.write(f"Deleted: {options['key']}.")


def _called_now(row: SavedTemplate) -> Called:
    return Called(row.name, row.description, row.goal)


def _called(options: Any, now: Called) -> Called:  # noqa: ANN401
    given = {name: options[name] for name in vars(now) if options[name] is not None}
    return Called(**{**vars(now), **given})
