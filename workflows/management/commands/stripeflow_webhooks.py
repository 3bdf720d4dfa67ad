"""`manage.py stripeflow_webhooks`: event destinations, and what is sent to them."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import events_of
from stripeflow.workflows.models import EventDelivery, EventDestination
from stripeflow.workflows.states import DeliveryStatus

_DONE = [status.value for status in DeliveryStatus if status.is_final]


class Command(BaseCommand):
    """Lists destinations and deliveries, sends events again, and tries a destination."""

    help = "List event destinations and what is sent to them; send events again; send a test event."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="list the event destinations")
        listing = commands.add_parser("deliveries", help="list deliveries, the newest first")
        listing.add_argument("--limit", type=int, default=50)
        again = commands.add_parser("send-again", help="send events again, with the same IDs")
        again.add_argument("deliveries", type=int, nargs="*", help="IDs of deliveries")
        for one, states in ((listing, DeliveryStatus.values), (again, _DONE)):
            one.add_argument("--destination", type=int, help="the ID of an event destination")
            one.add_argument("--status", choices=states)
        trying = commands.add_parser("ping", help="send a test event")
        trying.add_argument("destination", type=int, help="the ID of an event destination")

    def handle(self, *args: object, **options: Any) -> None:
        commands: dict[str, Callable[[Any], None]] = {
            "list": self._list,
            "deliveries": self._deliveries,
            "send-again": self._send_again,
            "ping": self._ping,
        }
        try:
            commands[options["command"]](options)
        except NotPossible as error:
            raise CommandError(str(error)) from error

    def _list(self, options: Any) -> None:  # noqa: ANN401
        for row in EventDestination.objects.prefetch_related("subscriptions"):
            state = "enabled" if row.is_enabled else f"disabled ({row.disabled_because})"
            self.stdout.write(f"{row.pk}\t{state}\t{row.title}\t{', '.join(events_of(row))}")

    def _deliveries(self, options: Any) -> None:  # noqa: ANN401
        for row in _chosen(options).select_related("event", "destination")[: options["limit"]]:
            at = row.event.occurred_at.isoformat(timespec="seconds")
            facts = (row.pk, at, row.status, row.attempts, row.event.type, row.event.run_id or "-")
            self.stdout.write("\t".join(map(str, (*facts, row.destination.title))))

    def _send_again(self, options: Any) -> None:  # noqa: ANN401
        ids = options["deliveries"]
        if not ids and not (options["destination"] and options["status"]):
            raise CommandError("Name deliveries, or give --destination and --status.")
        rows = _chosen(options)
        rows = rows.filter(pk__in=ids) if ids else rows
        count = changes.send_again(rows, Act.by(self))
        self.stdout.write(f"Sent again: {count}.")
        if missing := len(set(ids)) - count if ids else 0:
            raise CommandError(
                f"Left as they are: {missing}. They wait to be sent, are not there, or their destination is "
                "disabled."
            )

    def _ping(self, options: Any) -> None:  # noqa: ANN401
        row = EventDestination.objects.filter(pk=options["destination"]).first()
        if row is None:
            raise CommandError(f"There is no event destination {options['destination']}.")
        delivery = changes.ping(row, Act.by(self))
        self.stdout.write(f"A test event is on its way: delivery {delivery.pk}.")


def _chosen(options: Any) -> "QuerySet[EventDelivery]":  # noqa: ANN401
    rows = EventDelivery.objects.all()
    for name in ("destination", "status"):
        if options[name]:
            rows = rows.filter(**{name: options[name]})
    return rows
