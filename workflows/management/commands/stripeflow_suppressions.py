"""`manage.py stripeflow_suppressions`: the addresses that get no e-mail from workflows."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stripeflow.actions.customer_mail.addresses import normalized
from stripeflow.actions.models import Reason, Suppression
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.suppressions import changes
from stripeflow.workflows.suppressions.changes import SuppressionRefused


class Command(BaseCommand):
    """Lists the addresses, puts some on the list, and takes some off."""

    help = "List, add, remove and import the addresses that get no e-mail from workflows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        listing = commands.add_parser("list", help="list the addresses, newest first")
        adding = commands.add_parser("add", help="let an address get no e-mail")
        importing = commands.add_parser("import", help="add many addresses, one a line")
        removing = commands.add_parser("remove", help="let an address get e-mail again")
        for one in (adding, removing):
            one.add_argument("address")
        importing.add_argument("file", nargs="?", type=Path, help="by default, standard input")
        for one in (adding, importing):
            one.add_argument("--reason", choices=Reason.values, default=Reason.MANUAL.value, help="why")
            one.add_argument("--note", default="", help="where it comes from")
        for one in (listing, removing):
            one.add_argument("--reason", choices=Reason.values, help="only for this reason")

    def handle(self, *args: object, **options: Any) -> None:
        commands: dict[str, Callable[[Any], None]] = {
            "list": self._list,
            "add": self._add,
            "import": self._import,
            "remove": self._remove,
        }
        try:
            commands[options["command"]](options)
        except SuppressionRefused as error:
            raise CommandError(str(error)) from error

    def _list(self, options: Any) -> None:  # noqa: ANN401
        rows = Suppression.objects.order_by("-created_at", "-id")
        if options["reason"]:
            rows = rows.filter(reason=options["reason"])
        for one in rows.iterator():
            self.stdout.write(f"{one.address}\t{one.reason}\t{one.created_at:%Y-%m-%d}\t{one.note}".rstrip())

    def _add(self, options: Any) -> None:  # noqa: ANN401
        made, is_new = changes.add(
            options["address"], options["reason"], note=options["note"], act=Act.by(self)
        )
        self.stdout.write(f"{'Added' if is_new else 'There already'}: {made.address}.")

    def _import(self, options: Any) -> None:  # noqa: ANN401
        lines = _lines(options["file"])
        found = changes.add_all(lines, options["reason"], note=options["note"], act=Act.by(self))
        self.stdout.write(f"Added: {found.added}. There already: {found.known}.")
        if found.refused:
            shown = ", ".join(map(str, found.refused[:20]))
            more = f", and {len(found.refused) - 20} more" if len(found.refused) > 20 else ""
            raise CommandError(f"Lines that hold no single e-mail address were left out: {shown}{more}.")

    def _remove(self, options: Any) -> None:  # noqa: ANN401
        rows = Suppression.objects.filter(address=normalized(options["address"]))
        if options["reason"]:
            rows = rows.filter(reason=options["reason"])
        removed = [one for one in rows if changes.remove(one, act=Act.by(self))]
        if not removed:
            raise CommandError(f"“{options['address']}” is not on the list.")
        for one in removed:
            self.stdout.write(f"Removed: {one.address} ({one.reason}).")


def _lines(path: Path | None) -> Iterator[str]:
    if path is None:
        yield from sys.stdin
        return
    try:
        with path.open(encoding="utf-8") as file:
            yield from file
    except (OSError, UnicodeError) as error:
        raise CommandError(f"The addresses cannot be read: {error}.") from error
