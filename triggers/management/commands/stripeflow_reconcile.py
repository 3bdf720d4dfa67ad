"""`manage.py stripeflow_reconcile`: accept the events that never arrived."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from stripeflow.triggers import trail
from stripeflow.triggers.event_listing import KEPT, Listing, ListingError
from stripeflow.triggers.reconcile import listings, reconcile
from stripeflow.triggers.redaction import redacted
from stripeflow.triggers.trail import Done

_AGO = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(text: str) -> datetime:
    """An aware time from "3d", "12h", "30m", "45s" (ago), or ISO 8601. Raises ArgumentTypeError."""
    if matched := _AGO.fullmatch(text):
        return timezone.now() - timedelta(**{_UNITS[matched[2]]: int(matched[1])})
    try:
        found = parse_datetime(text) or parse_datetime(f"{text}T00:00:00")
    except ValueError:
        found = None
    if found is None:
        raise ArgumentTypeError(f"“{text}” is neither a time such as 2026-01-31T08:00 nor one such as 3d.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)


class Command(BaseCommand):
    """Lists events from Stripe, and accepts those that are unknown here."""

    help = (
        "Lists the events that Stripe has, for up to 30 days, and accepts those that never arrived. They "
        "start only what was active when they were created. May be killed, repeated, and run twice at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", type=moment, default="3d", help="3d, 12h, 30m, or a time in ISO 8601 (default: 3d)"
        )
        parser.add_argument("--until", type=moment, help="the same; without it, up to now")
        parser.add_argument(
            "--types", nargs="+", default=[], help="only these event types; charge.* is possible"
        )
        parser.add_argument(
            "--account", action="append", default=[], help="a connected account too; may be repeated"
        )
        parser.add_argument("--mode", choices=("live", "test"), help="one mode; without it, each with a key")
        parser.add_argument("--dry-run", action="store_true", help="only count what is missing")

    def handle(self, *args: object, **options: Any) -> None:
        if options["since"] < timezone.now() - KEPT:
            self.stderr.write(self.style.WARNING("Stripe keeps events for 30 days; older ones are gone."))
        failures = [self._reconcile(listing, options) for listing in self._listings(options)]
        if any(failures):
            raise CommandError("Not everything could be listed; run this command again.")

    def _listings(self, options: dict[str, Any]) -> list[Listing]:
        found = listings(accounts=tuple(options["account"]), types=tuple(options["types"]))
        if options["mode"]:
            found = [listing for listing in found if listing.livemode == (options["mode"] == "live")]
        if not found:
            raise CommandError("There is no API key: set STRIPE_TEST_SECRET_KEY or STRIPE_LIVE_SECRET_KEY.")
        return found

    def _reconcile(self, listing: Listing, options: dict[str, Any]) -> bool:
        try:
            result = reconcile(
                listing, since=options["since"], until=options["until"], dry_run=options["dry_run"]
            )
        except ListingError as error:
            self.stderr.write(self.style.ERROR(redacted(f"{listing.name}: {error}")))
            return True
        if not options["dry_run"]:
            facts = {"since": options["since"].isoformat(), **vars(result.counts)}
            with transaction.atomic():
                trail.record(self, Done("installation.reconciled", "listing", listing.name, facts))
        numbers = ", ".join(f"{name} {number}" for name, number in vars(result.counts).items())
        self.stdout.write(f"{listing.name}: {numbers}")
        return False
