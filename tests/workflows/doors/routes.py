"""Every address of the site, with the ids of what is there in place of its parameters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from stripeflow.actions.customer_mail.unsubscribing import NO_TOKEN
from stripeflow.actions.models import Suppression
from stripeflow.triggers.models import Event
from stripeflow.workflows.audit import exporting
from stripeflow.workflows.models import (
    Approval,
    Connection,
    Deauthorization,
    EventDelivery,
    EventDestination,
    Loop,
    LoopItem,
    Run,
    Secret,
    Workflow,
)
from stripeflow.workflows.workflow_templates import templates

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
# They take anything, or nothing of ours.
ELSEWHERE = re.compile(r"\(\?P<|^stripe/webhook/|^admin/r/|^admin/(auth|djstripe|django_q|sites)/|/logout/$")
_OF_API = {
    "workflows": Workflow,
    "runs": Run,
    "events": Event,
    "approvals": Approval,
    "disconnected-accounts": Deauthorization,
    "suppressions": Suppression,
    "event-destinations": EventDestination,
    "deliveries": EventDelivery,
}
# Of the rows of loops, which are many and alike, the first ones.
_OF_LOOPS, MANY = {"loop": Loop, "item": LoopItem}, 3
_BY_NAME = {"name": ["charge"], "number": ["1"], "form": list(exporting.FORMATS)}


@dataclass(frozen=True)
class Route:
    name: str
    pattern: str
    url: str


def patterns() -> Iterator[tuple[str, URLPattern]]:
    """Each address as it is declared."""
    yield from _below(get_resolver(), "")


def _below(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        text = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _below(one, text)
        else:
            yield text, one


def routes(*, runs: Any = None) -> Iterator[Route]:
    """Each address with the objects that it may be about; with `runs`, or all. Raises for a new parameter."""
    for text, one in patterns():
        if ELSEWHERE.search(text):
            continue
        names = _PARAMETER.findall(text)
        for values in product(*(values_of(text, name, runs) for name in names)):
            given = dict(zip(names, values, strict=True))
            url = _PARAMETER.sub(lambda found, given=given: given[found[1]], text)
            yield Route(str(one.name), text, "/" + url)


def values_of(text: str, name: str, runs: Any = None) -> list[str]:
    if name in ("object_id", "pk"):
        model = model_of(text)
        if model is Run and runs is not None:
            return [str(pk) for pk in runs]
        rows = list(model._default_manager.order_by("pk").values_list("pk", flat=True))
        # Of what is many and alike, the first and the last one.
        return [str(pk) for pk in (rows if model in (Run, Event) else dict.fromkeys([*rows[:1], *rows[-1:]]))]
    if name == "key":
        if text.startswith("api/v1/events/"):
            return [str(pk) for pk in Event.objects.values_list("pk", flat=True)]
        return [one.key for one in templates()]
    if name in _OF_LOOPS:
        return [str(pk) for pk in _OF_LOOPS[name].objects.values_list("pk", flat=True)[:MANY]] or ["1"]
    if name == "event_id":
        return [str(pk) for pk in Event.objects.values_list("pk", flat=True)]
    if name == "token":
        # Who has a customer's own link may unsubscribe; nobody here has one.
        return [NO_TOKEN]
    if text.startswith("api/v1/secrets/"):
        return list(Secret.objects.values_list("name", flat=True))
    if text.startswith("api/v1/connections/"):
        return list(Connection.objects.values_list("name", flat=True))
    if name in _BY_NAME:
        return list(_BY_NAME[name])
    raise AssertionError(f"Say in this module which values “{name}” of {text} has.")


def model_of(text: str) -> Any:
    found = re.match(r"admin/(\w+)/(\w+)/", text)
    if found:
        return apps.get_model(found[1], found[2])
    return _OF_API[re.match(r"api/v1/([\w-]+)/", text)[1]]
