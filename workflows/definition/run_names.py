"""The names of paths in a run's own texts. Workers write these texts, so nothing here reads a row."""

from collections.abc import Callable, Iterator

from stripeflow.workflows.conditions.wording import LabelOf, path_in_words
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.naming import listed_name
from stripeflow.workflows.definition.plan import Plan, steps_of
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.references import parse_path


def condition_names(plan: Plan) -> LabelOf:
    """Names of fields in what conditions say: those of a step begin with its title."""

    def name(path: str) -> str | None:
        root, *rest = parse_path(path)
        step = _step(str(rest[0]), plan) if root == "steps" and rest else None
        if step is None:
            return None
        return " › ".join((step_title(step), *([path_in_words(tuple(rest[1:]))] if rest[1:] else ())))

    return name


def value_names(plan: Plan) -> Callable[[str], str]:
    """Names of values in errors, as pickers show them: "Payment intent › Metadata › order"."""

    def name(path: str) -> str:
        steps = tuple(_giving(plan))
        return listed_name(path, Known(plan.trigger, steps, steps))

    return name


def _step(key: str, plan: Plan) -> Json | None:
    return next((step for step in _giving(plan) if step["key"] == key), None)


def _giving(plan: Plan) -> Iterator[Json]:
    """The steps that others may refer to."""
    return (step.head for step in steps_of(plan.steps) if kinds.of(step.head).gives(step.head))
