"""What definitions are built from: events, objects and their fields, actions, operators, filters."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.actions import registry
from stripeflow.actions.offers import Offer
from stripeflow.triggers import catalogue
from stripeflow.triggers.recent import recent, unlisted_types
from stripeflow.triggers.types import registry as trigger_types
from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.errors import not_found
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import WholeList
from stripeflow.workflows.api.query import Query
from stripeflow.workflows.api.shapes.catalogue import (
    ActionShape,
    EventTypeShape,
    FieldShape,
    FilterShape,
    ObjectShape,
    OfferShape,
    OperatorShape,
    TriggerTypeShape,
)
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.conditions import OPERATORS
from stripeflow.workflows.references.filters import FILTERS


class EventTypeQuery(Query):
    category = serializers.CharField(required=False, help_text="Key of a category.")
    search = serializers.CharField(required=False, help_text="In key and label.")
    suggested = serializers.BooleanField(required=False)


class OfferQuery(Query):
    search = serializers.CharField(
        required=False, max_length=100, help_text="Words, all of them in key, label or names of fields."
    )


class FieldQuery(Query):
    path = serializers.CharField(
        required=False, max_length=300, help_text="The fields below this one; of a list: of its items."
    )
    search = serializers.CharField(required=False, max_length=100, help_text="At any depth down to 3.")
    event_type = serializers.CharField(
        required=False,
        max_length=100,
        help_text="Adds, below `path`, the fields that its newest events had and Stripe's SDK does not list.",
    )


class Catalogue(ApiViewSet):
    access: ClassVar[Access] = {
        "trigger_types": permissions.may_view,
        "event_types": permissions.may_view,
        "objects": permissions.may_view,
        "object_fields": permissions.may_view,
        "one_action": permissions.may_view,
        "actions": permissions.may_view,
        "operations": permissions.may_view,
        "operators": permissions.may_view,
        "filters": permissions.may_view,
    }
    pagination_class = WholeList

    @documented("catalogue_trigger_types", summary="Types of triggers", answer=TriggerTypeShape(many=True))
    def trigger_types(self, request: Request) -> Response:
        return self._all(trigger_types.all(), TriggerTypeShape)

    @documented(
        "catalogue_event_types",
        summary="Event types",
        answer=EventTypeShape(many=True),
        parameters=[EventTypeQuery],
        errors=(400,),
    )
    def event_types(self, request: Request) -> Response:
        """What Stripe's SDK lists, and what came besides. Others may be used too."""
        came = map(catalogue.any_event_type, unlisted_types())
        found = (one for one in (*catalogue.event_types(), *came) if _is_wanted(one, self.query))
        return self._all(found, EventTypeShape)

    @documented("catalogue_objects", summary="Stripe objects", answer=ObjectShape(many=True))
    def objects(self, request: Request) -> Response:
        names = catalogue.object_names()
        return self._all(
            ({"name": name, "label": catalogue.object_label(name)} for name in names), ObjectShape
        )

    @documented(
        "catalogue_fields",
        summary="Fields of an object",
        answer=FieldShape(many=True),
        parameters=[FieldQuery],
        errors=(400, 404),
    )
    def object_fields(self, request: Request, name: str) -> Response:
        """The fields of one level. A path that does not exist has none."""
        try:
            return self._all(_fields(name, self.query), FieldShape)
        except catalogue.UnknownObject as error:
            message = _("The catalogue has no object “%s”.") % name
            raise not_found(message, name, catalogue.object_names()) from error

    @documented("catalogue_actions", summary="Actions", answer=ActionShape(many=True))
    def actions(self, request: Request) -> Response:
        return self._all(registry.all(), ActionShape)

    @documented("catalogue_action", summary="One action", answer=ActionShape, errors=(404,))
    def one_action(self, request: Request, key: str) -> Response:
        """An action with its inputs; also one of those that `operations` lists."""
        found = registry.find(key)
        if found is None:
            message = _("The action “%s” is not installed.") % key
            raise not_found(message, key, (one.key for one in registry.offers()))
        return Response(ActionShape(found).data)

    @documented(
        "catalogue_operations",
        summary="All actions in short",
        answer=OfferShape(many=True),
        parameters=[OfferQuery],
        errors=(400,),
    )
    def operations(self, request: Request) -> Response:
        """Every action, those for each operation of Stripe's SDK among them, without their inputs."""
        words = self.query.get("search", "").lower().split()
        found = (one for one in registry.offers() if _is_named(one, words))
        return self._all(found, OfferShape)

    @documented("catalogue_operators", summary="Operators of conditions", answer=OperatorShape(many=True))
    def operators(self, request: Request) -> Response:
        return self._all(OPERATORS.values(), OperatorShape)

    @documented("catalogue_filters", summary="Filters of references", answer=FilterShape(many=True))
    def filters(self, request: Request) -> Response:
        return self._all(FILTERS.values(), FilterShape)

    def _all(self, found: Iterable[Any], shape: type[serializers.Serializer]) -> Response:
        return self.get_paginated_response(shape(self.paginate_queryset(list(found)), many=True).data)


def _is_wanted(event_type: catalogue.EventType, query: dict[str, Any]) -> bool:
    text = query.get("search", "").lower()
    return (
        text in f"{event_type.key} {event_type.label}".lower()
        and query.get("category", event_type.category.key) == event_type.category.key
        and query.get("suggested", event_type.suggested) == event_type.suggested
    )


def _is_named(offer: Offer, words: list[str]) -> bool:
    text = f"{offer.label} {offer.category} {offer.words} {offer.fields}".lower()
    return all(word in text for word in words)


def _fields(name: str, query: dict[str, Any]) -> tuple[catalogue.Field, ...]:
    if "search" in query:
        return catalogue.search(name, query["search"])
    path = query.get("path", "")
    return (*catalogue.children(name, path), *_received(name, path, query.get("event_type", "")))


def _received(name: str, path: str, event_type: str) -> Iterator[catalogue.Field]:
    """The fields that recent events of this type had below a path, and the SDK does not list."""
    for one in recent([event_type]).children(path):
        listed = catalogue.field(name, one.path)
        if listed is None or listed.until:
            yield listed or one
