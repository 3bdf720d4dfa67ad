"""`manage.py stripeflow_secrets`: secrets that steps name, and the keys that encrypt them."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from stripeflow.triggers import signing_secrets
from stripeflow.triggers.encryption import CannotDecrypt
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.credentials import secret_adoption, secret_changes
from stripeflow.workflows.credentials.secret_changes import SecretRefused
from stripeflow.workflows.models import Secret


class Command(BaseCommand):
    """Stores, lists and deletes secrets, and looks after the keys. It prints no value."""

    help = "Store, list and delete the secrets that steps name. Make a key, and encrypt with the newest one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="list the names")
        setting = commands.add_parser(
            "set", help="store a secret, or replace its value; read from standard input"
        )
        setting.add_argument("name", help="how steps name it")
        setting.add_argument("--file", type=Path, help="a file to read the value from")
        setting.add_argument("--description", default=None, help="what it is for")
        commands.add_parser("delete", help="delete a secret that no workflow needs").add_argument("name")
        commands.add_parser(
            "key", help="print a new key for STRIPEFLOW_SECRET_KEYS, or for SECRET_KEYS of a project"
        )
        commands.add_parser("rotate", help="encrypt everything with the first key; then the others may go")
        adopting = commands.add_parser(
            "adopt", help="move values that older versions kept in clear into secrets; may be repeated"
        )
        adopting.add_argument(
            "--dry-run", action="store_true", help="say what would be moved, and move nothing"
        )

    def handle(self, *args: object, **options: Any) -> None:
        commands: dict[str, Callable[[Any], None]] = {
            "list": self._list,
            "set": self._set,
            "delete": self._delete,
            "key": self._key,
            "rotate": self._rotate,
            "adopt": self._adopt,
        }
        try:
            commands[options["command"]](options)
        except SecretRefused as error:
            raise CommandError(str(error)) from error

    def _list(self, options: Any) -> None:  # noqa: ANN401
        for secret in Secret.objects.all():
            self.stdout.write(f"{secret.name}\t{secret.description}".rstrip())

    def _set(self, options: Any) -> None:  # noqa: ANN401
        value, act = _value(options["file"]), Act.by(self)
        secret = Secret.objects.filter(name=options["name"]).first()
        if secret is None:
            secret_changes.store(options["name"], value, description=options["description"] or "", act=act)
            self.stdout.write(f"Stored: {options['name']}.")
            return
        with transaction.atomic():
            if options["description"] is not None:
                secret_changes.describe(secret, options["description"], act=act)
            secret_changes.replace(secret, value, act=act)
        self.stdout.write(f"Replaced: {secret.name}.")

    def _delete(self, options: Any) -> None:  # noqa: ANN401
        secret = Secret.objects.filter(name=options["name"]).first()
        if secret is None:
            raise CommandError(f"There is no secret “{options['name']}”.")
        secret_changes.delete(secret, act=Act.by(self))
        self.stdout.write(f"Deleted: {options['name']}.")

    def _key(self, options: Any) -> None:  # noqa: ANN401
        self.stdout.write(Fernet.generate_key().decode())

    def _rotate(self, options: Any) -> None:  # noqa: ANN401
        lost, counts = [], {}
        with transaction.atomic():
            for what, rotate in (("endpoints", signing_secrets.rotate), ("secrets", secret_changes.rotate)):
                try:
                    counts[what] = rotate()
                except CannotDecrypt:
                    lost.append(what)
            record(kinds.SECRETS_ROTATED, Act.by(self), after=counts)
        for what, count in counts.items():
            self.stdout.write(f"Encrypted with the first key: {what}, {count} changed.")
        if lost:
            raise CommandError(
                f"No key in the settings opens one of the {' and '.join(lost)}. Add the key that it was "
                "encrypted with, or store it again."
            )

    def _adopt(self, options: Any) -> None:  # noqa: ANN401
        found = secret_adoption.adopt(dry_run=options["dry_run"], act=Act.by(self))
        verb = "would be moved" if options["dry_run"] else "moved"
        for one in found:
            rows = ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in one.rows.items())
            self.stdout.write(f"“{one.title}” {verb}: {rows}. Secrets: {', '.join(one.secrets) or 'none'}.")
        if not found:
            self.stdout.write("No secret input that is known holds a value in clear.")
        if left := [f"“{one.title}”: {place}" for one in found for place in sorted(one.left)]:
            raise CommandError(
                f"Left in clear: {'; '.join(left)}. A secret cannot have a value that is no plain text, is "
                "too long, or refers to data of the event: store a secret, choose it in the step, and "
                "activate. A step that was just under way is moved the next time."
            )


def _value(path: Path | None) -> str:
    try:
        text = path.read_text() if path else sys.stdin.read()
    except OSError as error:
        raise CommandError(f"The value cannot be read: {error}.") from error
    # An editor, and `echo`, end a line that is none of the value.
    return text.removesuffix("\n").removesuffix("\r")
