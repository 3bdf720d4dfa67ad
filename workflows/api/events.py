"""Accepted events, and why a workflow did or did not start on one."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.triggers.account_filter import of_account
from stripeflow.triggers.json_safety import is_storable
from stripeflow.triggers.models import Event
from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import NewestFirst
from stripeflow.workflows.api.query import Cursors, account_field, livemode_field
from stripeflow.workflows.api.runs import filtered, seen_by
from stripeflow.workflows.api.shapes.events import EventDetail, EventSummary, Why
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.matching.why import Verdict, ended_by, explain, woken_by

# Query parameter → lookup.
_LOOKUPS = {
    "event_id": "external_id",
    "type": "type",
    "object_id": "object_id",
    "livemode": "livemode",
    "created_after": "created__gte",
    "created_before": "created__lt",
}


class EventQuery(Cursors):
    event_id = serializers.CharField(required=False, help_text="Stripe's id of the event.")
    type = serializers.CharField(required=False)
    object_id = serializers.CharField(required=False, help_text="The Stripe object it is about.")
    account = account_field()
    livemode = livemode_field()
    created_after = TimeField(required=False, help_text="At this time or later.")
    created_before = TimeField(required=False, help_text="Before this time.")


class Events(ApiViewSet):
    """An event's address takes our id, or Stripe's (`evt_…`): of several events of that id, the newest."""

    access: ClassVar[Access] = {
        "list": permissions.may_see_events,
        "retrieve": permissions.may_see_events,
        "why": permissions.may_ask_why,
    }
    pagination_class = NewestFirst
    newest_first = ("-received_at", "-id")

    @documented(
        "events_list",
        summary="List events",
        answer=EventSummary(many=True),
        parameters=[EventQuery],
        errors=(400,),
    )
    def list(self, request: Request) -> Response:
        rows = of_account(Event.objects.without_body(), self.query.get("account", ""))
        page = self.paginate_queryset(filtered(rows, self.query, _LOOKUPS))
        return self.get_paginated_response(EventSummary(page, many=True).data)

    @documented("events_retrieve", summary="Read an event", answer=EventDetail, errors=(404,))
    def retrieve(self, request: Request, key: str) -> Response:
        return Response(EventDetail(_event(key), context=seen_by(request)).data)

    @documented("events_why", summary="Why did it run, or not?", answer=Why, errors=(404,))
    def why(self, request: Request, key: str) -> Response:
        """What every workflow that listens to this type of event made of it."""
        event, context = _event(key), seen_by(request)
        found = [_verdict(verdict, **context) for verdict in explain(event)]
        ended = [one.pk for one in ended_by(event)]
        woken = [one.run_id for one in woken_by(event)]
        hidden = not context["payloads"]
        shape = {"event": event, "payload_hidden": hidden, "verdicts": found, "woken": woken, "ended": ended}
        return Response(type(Why)(shape).data)


def _event(key: str) -> Event:
    rows = Event.objects.all()
    if key.isascii() and key.isdigit():
        return get_object_or_404(rows, pk=int(key))
    found = rows.called(key).first() if is_storable(key) else None
    if found is None:
        raise NotFound
    return found


def _verdict(verdict: Verdict, *, payloads: bool) -> dict[str, Any]:
    evaluation = verdict.evaluation
    return {
        "workflow": verdict.workflow,
        "reason": verdict.reason,
        "message": verdict.sentence,
        "run": verdict.run and verdict.run.pk,
        "explanation": evaluation.to_json() if evaluation and payloads else None,
    }
