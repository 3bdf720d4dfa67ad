"""`manage.py stripeflow_account`: accounts that have disconnected the application, by command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.limits import deauthorized, people
from stripeflow.workflows.models import Deauthorization


class Command(BaseCommand):
    help = (
        "Lists the accounts that have disconnected the application, and how many runs are held since. "
        "With --reconnect: takes your word that an account is connected, and lets its runs go on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reconnect", metavar="ACCOUNT", help="the account (acct_…) that is connected")
        parser.add_argument("--test", action="store_true", help="with --reconnect: in test mode")

    def handle(self, *args: object, **options: Any) -> None:
        if options["reconnect"]:
            self._reconnect(AccountMode(not options["test"], options["reconnect"]))
            return
        for row in Deauthorization.objects.exclude(deauthorized_at=None).order_by("account", "livemode"):
            held = deauthorized.held_for(row).count()
            whose = AccountMode.of(row)
            since = f"{row.deauthorized_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"{whose.account}  {whose.mode}  since {since}  {held} held runs")

    def _reconnect(self, whose: AccountMode) -> None:
        row = Deauthorization.objects.filter(**whose._asdict()).first()
        if row is None:
            raise CommandError(f"Nothing is known of {whose.account} in {whose.mode} mode.")
        try:
            released = people.reconnect(row, Act.by(self)).released
        except NotPossible as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{whose.account} counts as connected. {released} held runs go on.")
