"""The step of which nobody knows whether it happened, with what helps a person to find out."""

from collections.abc import Iterator
from dataclasses import dataclass

from stripeflow.actions import registry
from stripeflow.actions.dashboard import is_stripe_id
from stripeflow.workflows.display.cards import Card
from stripeflow.workflows.history.page import RunPage
from stripeflow.workflows.history.tries import Try
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.states import StepStatus


@dataclass(frozen=True)
class Link:
    """A page of Stripe's Dashboard on which the step's effect would be seen."""

    id: str
    url: str


@dataclass(frozen=True)
class Unknown:
    """`safe`: the same call can be sent again without a second effect. `outputs`: names of its fields."""

    card: Card
    latest: Try
    links: tuple[Link, ...]
    safe: bool
    outputs: tuple[str, ...]


def unknown_of(page: RunPage) -> Unknown | None:
    """The unknown step of the run, or None."""
    for card in page.outline.all():
        seen = page.path.steps.get(card.key)
        if seen and seen.latest and seen.status == StepStatus.OUTCOME_UNKNOWN:
            return _unknown(page, card, seen.latest, page.records[card.key][-1])
    return None


def _unknown(page: RunPage, card: Card, latest: Try, record: StepRun) -> Unknown:
    action = registry.find_for(record.action, record.inputs or {})
    return Unknown(
        card=card,
        latest=latest,
        links=tuple(_links(page, record)),
        safe=on_runs.same_call_is_safe(record),
        outputs=tuple(field.name for field in action.outputs.fields) if action else (),
    )


def _links(page: RunPage, record: StepRun) -> Iterator[Link]:
    """The objects that the step was to work on: those of its inputs, then the event's own."""
    action = registry.find(record.action)
    inputs = action.masked(record.inputs) if action and record.inputs and page.payloads else {}
    known = [value for value in inputs.values() if isinstance(value, str) and is_stripe_id(value)]
    for one in dict.fromkeys([*known, page.run.object_id]):
        if url := page.dashboard.url(one):
            yield Link(one, url)
