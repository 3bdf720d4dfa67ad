"""What a branch step does where a condition is unknown before one is met. Pure.

The step says so itself (`if_undecided`). Where it does not, the run stops for a person as long as a later
branch moves money or destroys something; else "All other cases" is taken.
"""

import actions.registry
from workflows.definition.walk import Json, branches_of
from workflows.models.step import IfUndecided


def rules_of(step: Json) -> tuple[IfUndecided, ...]:
    """For each branch of a branch step: what is done if its conditions are the first unknown ones."""
    branches = step["branches"]
    if own := step.get("if_undecided"):
        return (IfUndecided(own),) * len(branches)
    rules, is_grave = [], False
    for branch in reversed(branches):
        rules.append(IfUndecided.STOP if is_grave else IfUndecided.OTHERWISE)
        is_grave = is_grave or moves_or_destroys(branch["steps"])
    return tuple(reversed(rules))


def if_unknown(step: Json) -> dict[str, IfUndecided]:
    """The rule of each branch that has conditions, by its key."""
    rules = zip(step["branches"], rules_of(step), strict=True)
    return {branch["key"]: rule for branch, rule in rules if not branch.get("otherwise")}


def moves_or_destroys(steps: list[Json]) -> bool:
    """Whether an action in `steps`, at any depth, moves money or destroys; one that is missing may."""
    return any(_is_grave(step) or any(map(moves_or_destroys, _lanes(step))) for step in steps)


def _is_grave(step: Json) -> bool:
    if step["type"] != "action":
        return False
    action = actions.registry.find(step["action"])
    return action is None or action.moves_money or action.destructive


def _lanes(step: Json) -> list[list[Json]]:
    return [branch["steps"] for branch in branches_of(step)]
