"""Event destinations, and what is sent to them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import NewestFirst, WholeList
from stripeflow.workflows.api.query import Cursors, number_field
from stripeflow.workflows.api.runs import filtered
from stripeflow.workflows.api.shapes.destinations import (
    MODES,
    DeliveryDetail,
    DeliverySummary,
    DestinationChange,
    DestinationShape,
    DestinationWithSecret,
    NewDestination,
    Rotate,
)
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import Added, Wanted
from stripeflow.workflows.models import EventDelivery, EventDestination
from stripeflow.workflows.states import DeliveryStatus

_LOOKUPS = {"status": "status", "destination": "destination", "run": "event__run", "type": "event__type"}


class Destinations(ApiViewSet):
    access: ClassVar[Access] = {
        "list": permissions.may_see_destinations,
        "retrieve": permissions.may_see_destinations,
        "create": permissions.may_add_destinations,
        "change": permissions.may_change_destinations,
        "remove": permissions.may_delete_destinations,
        "enable": permissions.may_change_destinations,
        "disable": permissions.may_change_destinations,
        "rotate": permissions.may_change_destinations,
        "ping": permissions.may_change_destinations,
    }
    pagination_class = WholeList

    @documented(
        "event_destinations_list", summary="List the event destinations", answer=DestinationShape(many=True)
    )
    def list(self, request: Request) -> Response:
        """Where events of runs are sent, by title."""
        return self.get_paginated_response(DestinationShape(self.paginate_queryset(_rows()), many=True).data)

    @documented(
        "event_destinations_retrieve",
        summary="Read an event destination",
        answer=DestinationShape,
        errors=(404,),
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        return _shown(pk)

    @documented(
        "event_destinations_create",
        summary="Add an event destination",
        request=NewDestination,
        answer=DestinationWithSecret,
        status=201,
        errors=(400, 409),
    )
    def create(self, request: Request) -> Response:
        """Events are sent there from now on. The answer has the signing secret, and no other answer has."""
        made = changes.add(_wanted(self.body, Wanted("", "", ())), Act.of(request))
        return _with_secret(made, status=201)

    @documented(
        "event_destinations_change",
        summary="Change an event destination",
        request=DestinationChange,
        answer=DestinationShape,
        errors=(400, 404, 409),
    )
    def change(self, request: Request, pk: int) -> Response:
        """What is left out stays as it is."""
        row = _row(pk)
        changes.change(row, _wanted(self.body, Wanted.of(row)), Act.of(request))
        return _shown(pk)

    @documented(
        "event_destinations_delete",
        summary="Delete an event destination",
        answer=DestinationShape,
        errors=(404, 409),
    )
    def remove(self, request: Request, pk: int) -> Response:
        """With its deliveries. Answers with what is gone."""
        row = _row(pk)
        shape = DestinationShape(row).data
        changes.delete(row, Act.of(request))
        return Response(shape)

    @documented(
        "event_destinations_enable",
        summary="Enable an event destination",
        answer=DestinationShape,
        errors=(404, 409),
    )
    def enable(self, request: Request, pk: int) -> Response:
        """Events are sent there from now on, and none of the time before."""
        changes.enable(_row(pk), Act.of(request))
        return _shown(pk)

    @documented(
        "event_destinations_disable",
        summary="Disable an event destination",
        answer=DestinationShape,
        errors=(404, 409),
    )
    def disable(self, request: Request, pk: int) -> Response:
        """What waits for it is canceled."""
        changes.disable(_row(pk), Act.of(request))
        return _shown(pk)

    @documented(
        "event_destinations_rotate",
        summary="Rotate the signing secret",
        request=Rotate,
        answer=DestinationWithSecret,
        errors=(400, 404, 409),
    )
    def rotate(self, request: Request, pk: int) -> Response:
        """The answer has the new secret. For 24 hours the former one signs too: no event is missed."""
        made = changes.rotate(_row(pk), Act.of(request), at_once=self.body.get("at_once", False))
        return _with_secret(made)

    @documented(
        "event_destinations_ping",
        summary="Send a test event",
        answer=DeliveryDetail,
        status=201,
        errors=(404, 409),
    )
    def ping(self, request: Request, pk: int) -> Response:
        """Answers with its delivery; read that again to see what became of it."""
        delivery = changes.ping(_row(pk), Act.of(request))
        return Response(DeliveryDetail(delivery).data, status=201)


class DeliveryQuery(Cursors):
    status = serializers.ChoiceField(DeliveryStatus.choices, required=False)
    destination = number_field("Id of the event destination.")
    run = serializers.UUIDField(required=False, help_text="Id of the run.")
    type = serializers.CharField(required=False, help_text="Type of the event.")


class Deliveries(ApiViewSet):
    access: ClassVar[Access] = {
        "list": permissions.may_see_deliveries,
        "retrieve": permissions.may_see_deliveries,
        "send_again": permissions.may_change_destinations,
    }
    pagination_class = NewestFirst
    newest_first = ("-id",)

    @documented(
        "deliveries_list",
        summary="List deliveries",
        answer=DeliverySummary(many=True),
        parameters=[DeliveryQuery],
        errors=(400,),
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(filtered(_deliveries(), self.query, _LOOKUPS))
        return self.get_paginated_response(DeliverySummary(page, many=True).data)

    @documented("deliveries_retrieve", summary="Read a delivery", answer=DeliveryDetail, errors=(404,))
    def retrieve(self, request: Request, pk: int) -> Response:
        return _delivery(pk)

    @documented(
        "deliveries_send_again",
        summary="Send an event again",
        answer=DeliveryDetail,
        errors=(404, 409),
    )
    def send_again(self, request: Request, pk: int) -> Response:
        """From the first attempt on, with the same id and body. Refused while it is still being sent."""
        changes.send_one_again(get_object_or_404(_deliveries(), pk=pk), Act.of(request))
        return _delivery(pk)


def _wanted(body: dict[str, Any], now: Wanted) -> Wanted:
    """What the body says, and where it says nothing what there is."""
    given = dict(body)
    if "mode" in given:
        given["livemode"] = MODES[given.pop("mode")]
    if "events" in given:
        given["events"] = tuple(sorted(given["events"]))
    if given.get("workflows") and "all_workflows" not in given:
        given["all_workflows"] = False
    wanted = Wanted(**{**vars(now), **given})
    return Wanted(**{**vars(wanted), "workflows": () if wanted.all_workflows else tuple(wanted.workflows)})


def _with_secret(made: Added, *, status: int = 200) -> Response:
    row = _row(made.destination.pk)
    row.secret = made.secret  # type: ignore[attr-defined]  # for this answer alone
    return Response(DestinationWithSecret(row).data, status=status)


def _rows() -> "QuerySet[EventDestination]":
    return EventDestination.objects.prefetch_related("subscriptions", "workflows")


def _row(pk: int) -> EventDestination:
    return get_object_or_404(_rows(), pk=pk)


def _shown(pk: int) -> Response:
    return Response(DestinationShape(_row(pk)).data)


def _deliveries() -> "QuerySet[EventDelivery]":
    return EventDelivery.objects.select_related("event", "destination")


def _delivery(pk: int) -> Response:
    return Response(DeliveryDetail(get_object_or_404(_deliveries(), pk=pk)).data)
