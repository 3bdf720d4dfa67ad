"""The doors to event destinations: what was done before, what is done, and the row that it leaves."""

from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import Wanted
from stripeflow.workflows.models import EventDelivery, EventDestination
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill

_WANTED = Wanted("Warehouse", "https://example.com/webhooks", ("run.failed",))


def _destination(workflow):
    changes.add(_WANTED, Act())


def _disabled(workflow):
    changes.disable(changes.add(_WANTED, Act()).destination, Act())


def delivered(workflow):
    changes.ping(changes.add(_WANTED, Act()).destination, Act())
    EventDelivery.objects.update(status="delivered", next_at=None)


def _new_destination(client, workflow):
    boxes = {"title": "Ours", "url": "https://example.com/", "events": ["run.failed"], "all_workflows": "on"}
    fill(client, address("eventdestination", "add"), "eventdestination_form", **boxes)


def _change_destination(client, workflow):
    boxes = {"title": "Ours", "events": ["run.failed"], "all_workflows": "on"}
    fill(client, address(EventDestination.objects.get()), "eventdestination_form", **boxes)


def on_destination(name, **fields):
    return lambda client, workflow: client.post(address(EventDestination.objects.get(), name), fields)


def _send_again(client, workflow):
    client.post(address(EventDelivery.objects.get(), "send_again"))


def nothing(workflow):
    pass


def filled_in(path):
    """The address with the ids of what there is."""
    for key, model in (("{destination}", EventDestination), ("{delivery}", EventDelivery)):
        path = path.replace(key, str(getattr(model.objects.first(), "pk", "")))
    return path


PAGES = {
    "eventdestination_add": (nothing, _new_destination, kinds.DESTINATION_ADDED),
    "eventdestination_change": (_destination, _change_destination, kinds.DESTINATION_CHANGED),
    "eventdestination_delete": (
        _destination,
        on_destination("delete", post="yes"),
        kinds.DESTINATION_DELETED,
    ),
    "eventdestination_rotate": (_destination, on_destination("rotate"), kinds.DESTINATION_ROTATED),
    "eventdestination_ping": (_destination, on_destination("ping"), kinds.DESTINATION_TESTED),
    "eventdestination_disable": (_destination, on_destination("disable"), kinds.DESTINATION_DISABLED),
    "eventdestination_enable": (_disabled, on_destination("enable"), kinds.DESTINATION_ENABLED),
    "eventdelivery_send_again": (delivered, _send_again, kinds.DELIVERIES_SENT_AGAIN),
}
there = "event-destinations/{destination}/"
API = {
    "Destinations.create": (
        nothing,
        "post",
        "event-destinations/",
        {"title": "Ours", "url": "https://example.com/", "events": ["run.failed"]},
        kinds.DESTINATION_ADDED,
    ),
    "Destinations.change": (_destination, "patch", there, {"title": "Other"}, kinds.DESTINATION_CHANGED),
    "Destinations.remove": (_destination, "delete", there, {}, kinds.DESTINATION_DELETED),
    "Destinations.disable": (_destination, "post", f"{there}disable/", {}, kinds.DESTINATION_DISABLED),
    "Destinations.enable": (_disabled, "post", f"{there}enable/", {}, kinds.DESTINATION_ENABLED),
    "Destinations.rotate": (_destination, "post", f"{there}rotate/", {}, kinds.DESTINATION_ROTATED),
    "Destinations.ping": (_destination, "post", f"{there}ping/", {}, kinds.DESTINATION_TESTED),
    "Deliveries.send_again": (
        delivered,
        "post",
        "deliveries/{delivery}/send-again/",
        {},
        kinds.DELIVERIES_SENT_AGAIN,
    ),
}
