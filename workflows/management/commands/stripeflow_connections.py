"""`manage.py stripeflow_connections`: the services that steps call."""

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stripeflow.actions.connections import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import connection_changes
from stripeflow.workflows.credentials.connection_changes import ConnectionRefused, Wanted
from stripeflow.workflows.models import Connection

# What an option of its own says.
_SAID = ("title", "kind", "address", "auth", "secret")


class Command(BaseCommand):
    """Lists, sets and deletes connections. It knows secrets by their names alone."""

    help = "List, create, change and delete the connections that steps name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="list the connections")
        setting = commands.add_parser("set", help="create a connection, or change it")
        setting.add_argument("name", help="how steps name it")
        setting.add_argument("--title", help="what people call it; by default its name")
        setting.add_argument("--kind", help=f"its kind, by default {kinds.HTTP}")
        setting.add_argument("--address", help="scheme and host, such as https://api.example.com")
        setting.add_argument("--auth", help="its authentication, by default none")
        setting.add_argument(
            "--setting",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a setting of that way, such as header=X-Api-Key; may be repeated",
        )
        setting.add_argument("--secret", help="the name of the secret")
        commands.add_parser("delete", help="delete a connection that no workflow needs").add_argument("name")

    def handle(self, *args: object, **options: Any) -> None:
        commands: dict[str, Callable[[Any], None]] = {
            "list": self._list,
            "set": self._set,
            "delete": self._delete,
        }
        try:
            commands[options["command"]](options)
        except ConnectionRefused as error:
            raise CommandError(str(error)) from error

    def _list(self, options: Any) -> None:  # noqa: ANN401
        for one in Connection.objects.all():
            self.stdout.write("\t".join((one.name, one.title, one.kind, one.address, one.auth, one.secret)))

    def _set(self, options: Any) -> None:  # noqa: ANN401
        name, act = options["name"], Act.by(self)
        found = Connection.objects.filter(name=name).first()
        kept = connection_changes.wanted_of(found) if found else Wanted(title=name)
        given = {key: options[key] for key in _SAID if options[key] is not None}
        if options["setting"]:
            given["settings"] = _settings(options["setting"])
        wanted = replace(kept, **given)
        if found is None:
            connection_changes.create(name, wanted, act=act)
            self.stdout.write(f"Created: {name}.")
            return
        connection_changes.change(found, wanted, act=act)
        self.stdout.write(f"Changed: {name}.")

    def _delete(self, options: Any) -> None:  # noqa: ANN401
        found = Connection.objects.filter(name=options["name"]).first()
        if found is None:
            raise CommandError(f"There is no connection “{options['name']}”.")
        connection_changes.delete(found, act=Act.by(self))
        self.stdout.write(f"Deleted: {options['name']}.")


def _settings(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, is_pair, value = pair.partition("=")
        if not is_pair:
            raise CommandError(f"A setting is written as NAME=VALUE, and “{pair}” is not.")
        found[name] = value
    return found
