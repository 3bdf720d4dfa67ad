"""`manage.py stripeflow_secrets`: the keys that encrypt, and what they encrypt."""

from argparse import ArgumentParser
from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from triggers import signing_secrets
from triggers.encryption import CannotDecrypt
from workflows.acts import Act
from workflows.audit import kinds
from workflows.audit.record import record


class Command(BaseCommand):
    """Makes a key, and encrypts with the newest one."""

    help = (
        "key: print a new key for STRIPEFLOW_SECRET_KEYS (SECRET_KEYS in a project's settings). "
        "rotate: encrypt everything with the first of the keys; then the others may be taken away."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("key", help="print a new key")
        commands.add_parser("rotate", help="encrypt everything with the first key")

    def handle(self, *args: object, **options: Any) -> None:
        getattr(self, f"_{options['command']}")(options)

    def _key(self, options: Any) -> None:  # noqa: ANN401
        self.stdout.write(Fernet.generate_key().decode())

    def _rotate(self, options: Any) -> None:  # noqa: ANN401
        try:
            with transaction.atomic():
                endpoints = signing_secrets.rotate()
                record(kinds.SECRETS_ROTATED, Act.by(self), after={"endpoints": endpoints})
        except CannotDecrypt as error:
            raise CommandError(
                "A signing secret was encrypted with a key that is not in the settings. Add that key, or "
                "store the secret again with manage.py stripeflow_endpoint."
            ) from error
        self.stdout.write(f"Signing secrets of endpoints encrypted with the first key: {endpoints}.")
