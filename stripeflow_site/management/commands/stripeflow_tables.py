"""`manage.py stripeflow_tables`: the tables of the demo and of `make serve`, in a moment."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS, connections

from stripeflow_site.local.tables.cache import Templates, default_folder
from stripeflow_site.local.tables.quick_removals import quick_removals

COPIED = "Copied "


class Command(BaseCommand):
    help = (
        "Brings the tables up to date, for trying out: where there is no database, by copying one that "
        "was migrated before, and else by “migrate”. In production, use “migrate”."
    )
    # `migrate` has its own, and what starts on the tables afterwards too.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--templates", type=Path, default=default_folder(), help="The folder of what is copied."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        template = self._copied(options["templates"], verbosity=options["verbosity"])
        if template:
            self.stdout.write(f"{COPIED}{template}")
        else:
            self._migrate(verbosity=options["verbosity"])

    def _copied(self, folder: Path | None, *, verbosity: int) -> Path | None:
        """The template, if that was possible."""
        if folder is None:
            return None

        def build() -> None:
            with quick_removals():
                self._migrate(verbosity=verbosity)

        try:
            return Templates(folder, kind=settings.SETTINGS_MODULE).copy_to(
                connections[DEFAULT_DB_ALIAS], build
            )
        except OSError as error:
            self.stdout.write(f"No template could be kept in {folder}: {error.strerror}.")
            return None

    def _migrate(self, *, verbosity: int) -> None:
        call_command("migrate", run_syncdb=True, no_color=True, verbosity=verbosity, stdout=self.stdout)
