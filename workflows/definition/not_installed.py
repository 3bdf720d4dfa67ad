"""What a definition uses that is not installed here, such as an operator of an app that was removed."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.workflows.conditions import OPERATORS
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.cancel_when import cancel_events
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import lanes, steps_in
from stripeflow.workflows.definition.step_references import texts_of
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.references import TemplateError, UnknownFilter, parse


def not_installed(document: Json) -> tuple[str, ...]:
    """Each such thing once, in words: "the operator “acme_divisible_by”". Empty if nothing is missing."""
    return tuple(dict.fromkeys(_of_document(document)))


def _of_document(document: Json) -> Iterator[str]:
    trigger = document["trigger"]
    if TriggerPlan.of(trigger).kind is None:
        yield _("the type of trigger “%s”") % trigger["type"]
    yield from _operators(trigger.get("conditions"))
    for one in cancel_events(trigger):
        yield from _operators(one.conditions)
    for step in steps_in(document["steps"]):
        yield from _of_step(step)


def _of_step(step: Json) -> Iterator[str]:
    if kinds.find(step["type"]) is None:
        yield _("the kind of step “%s”") % step["type"]
    key = step.get("action")
    if key and registry.find(key) is None:
        yield _("the action “%s”") % key
    for lane in lanes(step):
        yield from _operators(lane.own.get("conditions"))
    for text in chain(*texts_of(step).values()):
        yield from _filters(text)


def _operators(group: Json | None) -> Iterator[str]:
    for condition in (group or {}).get("conditions", ()):
        key = condition.get("operator")
        if key and key not in OPERATORS:
            yield _("the operator “%s”") % key
        yield from _operators(condition)


def _filters(text: str) -> Iterator[str]:
    """The first filter of a text that is missing: what stands behind it is not read."""
    with suppress(TemplateError):
        try:
            parse(text)
        except UnknownFilter as error:
            yield _("the filter “%s”") % error.name
