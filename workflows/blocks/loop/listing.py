"""The steps that give a loop its list a page at a time, such as “List charges”."""

from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions.base import Action
from stripeflow.actions.wording import worded
from stripeflow.workflows.blocks.loop.identity import id_of
from stripeflow.workflows.blocks.loop.rules import INCOMPLETE
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import ActionPlan
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.loop_pages import Listing
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.models.failures import Failure, failure
from stripeflow.workflows.references import TemplateError, parse
from stripeflow.workflows.references.paths import Path
from stripeflow.workflows.states import StepStatus


def single_path(template: object) -> Path:
    """The path that a setting refers to and nothing else; () where it is not one path as it is."""
    try:
        parsed = parse(template) if isinstance(template, str) else None
    except TemplateError:
        return ()
    if parsed is None or not parsed.is_single or parsed.references[0].filters:
        return ()
    return parsed.references[0].path


def listing_key(template: object) -> str:
    """The key of the step whose list a setting refers to: `{{ steps.all }}`, or its `data`; else ""."""
    path = single_path(template)
    is_list = len(path) == 2 or (len(path) == 3 and path[2] == "data")
    return str(path[1]) if is_list and path[0] == "steps" else ""


def paging_action(head: Json | None) -> Action | None:
    """The action of a step, if it gives its list a page at a time."""
    action = kinds.of(head).declared(head) if head is not None else None
    return action if action is not None and action.pages else None


def listing_of(turn: Turn, key: str) -> Listing | None:
    """The step with this key, if its action gives pages, and has given one to the run."""
    step = turn.walk.plan.step(key) if key else None
    action = paging_action(step.head) if step is not None else None
    if action is None or not isinstance(step, ActionPlan):
        return None
    # It stands beside the loop, or outside of a loop around it, or before the steps for a run that fails.
    paths = {key, *(frame.path_of(step) for frame in turn.walk.frames)}
    given = {"path__in": paths, "status": StepStatus.SUCCEEDED, "superseded_at": None}
    record = StepRun.objects.filter(run=turn.walk.run, **given).last()
    return None if record is None else Listing(action, step, record)


def cursor_behind(page: Json, before: str) -> str:
    """The id of the last item of a page that has more behind it; "" for the last page.

    Raises `ValueError` if the page says that there is more, and not behind what.
    """
    if page.get("has_more") is not True:
        return ""
    values = page.get("data") or []
    last = id_of(values[-1]) if values else ""
    # The same page once more would never end.
    if not last or last == before:
        raise ValueError("The page says that there is more, and not behind what.")
    return last


def data_of(page: Json) -> list[Any]:
    """The items of a page. Raises `ValueError` if it is none."""
    values = page.get("data")
    if not isinstance(values, list):
        raise ValueError("The answer is no page of a list.")
    return values


def not_a_page() -> Failure:
    """The error of an answer from which nobody can read on."""
    message = _(
        "The next page of the list could not be read: the answer does not say behind which item it goes on."
    )
    return failure(INCOMPLETE, worded(message))
