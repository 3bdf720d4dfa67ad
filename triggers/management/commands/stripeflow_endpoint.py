"""`manage.py stripeflow_endpoint`: register our webhook endpoint with Stripe."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import NoReverseMatch

from stripeflow.triggers import trail
from stripeflow.triggers.endpoints import Endpoint, EndpointError, register
from stripeflow.triggers.trail import Done

SECRET_VARIABLE = "STRIPE_WEBHOOK_SECRET"  # noqa: S105  the variable's name


class Command(BaseCommand):
    """Creates or updates the endpoint row, and prints the URL for Stripe's dashboard."""

    help = (
        "Create or update the local webhook endpoint and print its URL. Run it once to learn the URL, "
        f"and again with the signing secret in {SECRET_VARIABLE} or in a file. No call is made to Stripe."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="the site's public address")
        parser.add_argument("--secret-file", type=Path, help=f"a file to read instead of {SECRET_VARIABLE}")
        parser.add_argument("--live", action="store_true", help="the endpoint is for live mode")
        parser.add_argument("--id", default="", help="the endpoint's we_… ID at Stripe, where known")
        parser.add_argument("--uuid", type=UUID, help="the UUID in the URL, instead of a random one")
        parser.add_argument("--account", default="", help="the acct_… ID of the account")
        accounts = parser.add_mutually_exclusive_group()
        accounts.add_argument(
            "--own-account-only",
            action="store_true",
            default=None,
            help="refuse events of connected accounts: for an endpoint that is not one of Connect",
        )
        accounts.add_argument(
            "--all-accounts",
            dest="own_account_only",
            action="store_false",
            help="take events of connected accounts, too (as at first)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        livemode = bool(options["live"])
        try:
            with transaction.atomic():
                endpoint = register(
                    str(options["id"]) or ("we_stripeflow_live" if livemode else "we_stripeflow_test"),
                    base_url=str(options["url"]),
                    secret=_secret(options["secret_file"]),
                    livemode=livemode,
                    uuid=options["uuid"],
                    account_id=str(options["account"]),
                    own_account_only=options["own_account_only"],
                )
                trail.record(self, _done(endpoint, livemode=livemode))
        except NoReverseMatch as error:
            raise CommandError("The project's URLs do not include stripeflow.triggers.urls.") from error
        except EndpointError as error:
            raise CommandError(str(error)) from error
        self._report(endpoint)

    def _report(self, endpoint: Endpoint) -> None:
        self.stdout.write(endpoint.path)
        self.stderr.write(f"{endpoint.id} listens at {endpoint.url}")
        if not endpoint.has_secret:
            self.stderr.write(
                self.style.WARNING(
                    f"It has no signing secret yet and refuses every event. Set {SECRET_VARIABLE} and run "
                    "this command again."
                )
            )


def _secret(path: object) -> str:
    if not isinstance(path, Path):
        return os.environ.get(SECRET_VARIABLE, "").strip()
    try:
        return path.read_text().strip()
    except OSError as error:
        raise CommandError(f"The secret cannot be read: {error}.") from error


def _done(endpoint: Endpoint, *, livemode: bool) -> Done:
    return Done(
        "endpoint.registered",
        "webhookendpoint",
        endpoint.id,
        {"url": endpoint.url, "livemode": livemode, "has_secret": endpoint.has_secret},
    )
