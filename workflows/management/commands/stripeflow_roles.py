"""`manage.py stripeflow_roles`: the ready-made roles, and Django groups of them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stripeflow.actions.naming import with_close
from stripeflow.workflows.access import role_groups, roles


class Command(BaseCommand):
    help = "Lists the ready-made roles, or makes and updates a Django group of each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="Show the roles and their permissions.")
        create = commands.add_parser("create", help="Make the groups, or bring them up to date.")
        create.add_argument("roles", nargs="*", metavar="role", help="Only these; without it, all.")
        create.add_argument("--dry-run", action="store_true", help="Only show what would change.")

    def handle(self, *args: object, **options: Any) -> None:
        if options["command"] == "list":
            self._list()
        else:
            self._create(options["roles"], dry_run=options["dry_run"])

    def _list(self) -> None:
        for role in roles.ROLES:
            self.stdout.write(f"{role.key}: {role.description}")
            for name in role.permissions:
                self.stdout.write(f"    {name}")

    def _create(self, keys: list[str], *, dry_run: bool) -> None:
        chosen = [_role(key) for key in keys] or roles.ROLES
        for role in chosen:
            try:
                change = role_groups.plan(role) if dry_run else role_groups.apply(role)
            except role_groups.NotMigrated as error:
                raise CommandError(str(error)) from error
            self._show(change, dry_run=dry_run)

    def _show(self, change: role_groups.GroupChange, *, dry_run: bool) -> None:
        name = change.role.group_name
        if not change.is_needed:
            self.stdout.write(f"The group “{name}” is up to date.")
            return
        would = "would be " if dry_run else "is "
        self.stdout.write(f"The group “{name}” {would}{'made' if change.is_new else 'changed'}.")
        for sign, names in (("+", change.added), ("-", change.removed)):
            for permission in names:
                self.stdout.write(f"  {sign} {permission}")


def _role(key: str) -> roles.Role:
    try:
        return roles.find(key)
    except roles.NoSuchRole as error:
        known = [role.key for role in roles.ROLES]
        raise CommandError(with_close(f"There is no role “{key}”.", key, known)) from error
