"""What active workflows use of Stripe's SDK that the installed one does not have, or does not take any more.

The actions follow the installed package, so an upgrade of it may take something from a workflow that runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from itertools import chain

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.triggers import catalogue
from stripeflow.triggers.models import Source
from stripeflow.workflows.definition.cancel_when import cancel_events
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import steps_in
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.models import Workflow

# What an action of Stripe's may be, and is gone: the step fails.
GONE = "gone"
# What it does not take any more: the step fails, too.
REFUSED = "refused"
# An event that the SDK does not list. It works as before.
UNLISTED = "unlisted"
_MOST = 3
_BATCH = 100


@dataclass(frozen=True)
class Finding:
    """One thing of one step of an active workflow; `step` and `step_title` are "" for its trigger."""

    workflow: int
    workflow_name: str
    code: str
    message: str
    step: str = ""
    step_title: str = ""


@dataclass(frozen=True)
class Sdk:
    """The installed SDK: its version, that of the API, and how much it knows."""

    version: str
    api_version: str
    operations: int
    event_types: int


def installed() -> Sdk:
    """The SDK that is installed here."""
    # Read when it is asked for: nothing of the SDK is at start-up.
    operations = import_module("stripeflow.workflows.stripe_operations.operations").operations()
    return Sdk(version("stripe"), catalogue.api_version(), len(operations), len(catalogue.event_types()))


def findings() -> Iterator[Finding]:
    """What active workflows use and the installed SDK has not, by workflow."""
    for pk, name, document in _active().iterator(chunk_size=_BATCH):
        for code, message, step in chain(_of_trigger(document), _of_steps(document)):
            title = step_title(step) if step else ""
            yield Finding(pk, name, code, message, step["key"] if step else "", title)


def refusals(step: Json) -> list[str]:
    """What the operation of a step does not take any more, each in a sentence."""
    key = step.get("action") or ""
    action = registry.find(key) if registry.is_made(key) else None
    if action is None:
        return []
    inputs = step.get("inputs", {})
    return [str(problem.message) for problem in (*action.check(inputs), *action.check_current(inputs))]


def _active() -> QuerySet[Workflow, tuple[int, str, Json]]:
    active = Workflow.objects.exclude(active_version=None).order_by("name", "pk")
    return active.values_list("pk", "name", "active_version__document")


def _of_trigger(document: Json) -> Iterator[tuple[str, str, None]]:
    listed = {one.key for one in catalogue.event_types()}
    plan = TriggerPlan.of(document["trigger"])
    starting = plan.topics if plan.source == Source.STRIPE else ()
    ending = (one.event_type for one in cancel_events(document["trigger"]))
    for key in dict.fromkeys((*starting, *ending)):
        if key not in listed:
            message = _("The installed SDK does not list the event “%s”. It works as before.")
            yield UNLISTED, message % key, None


def _of_steps(document: Json) -> Iterator[tuple[str, str, Json]]:
    for step in steps_in(document["steps"]):
        key = step.get("action") or ""
        if key.startswith("stripe.") and registry.find(key) is None:
            yield GONE, _("The installed SDK does not have the action “%s” any more.") % key, step
        elif faults := refusals(step):
            yield REFUSED, " ".join(faults[:_MOST]), step
