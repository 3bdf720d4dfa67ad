"""What a branch step does if a condition is unknown before one is met. Pure.

The step has the choice (`if_undecided`). By default "All other cases" is taken only if that is safer than the
branch in doubt: it acts on nothing, or the branch in doubt is grave and no later one is. Otherwise the run
stops for a person. Grave means that it moves money, destroys something or
writes to customers: none of it can be taken back. It also stops where the branch in
doubt or a later one would end the run, or keep it waiting: going on in its place could do what it was to
prevent, or do it too soon.
"""

from enum import IntEnum

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.choices import IfUndecided
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import may_end_run, may_wait, steps_in


class Effect(IntEnum):
    """What steps may do to the world. A later one includes the earlier ones."""

    NONE = 0
    ACTS = 1
    GRAVE = 2


def rules_of(step: Json) -> tuple[IfUndecided, ...]:
    """What each branch of a branch step does if its conditions are the first unknown ones."""
    branches = step["branches"]
    if own := step.get("if_undecided"):
        return (IfUndecided(own),) * len(branches)
    effects = [effect_of(branch["steps"]) for branch in branches]
    instead = max(
        (effect for effect, branch in zip(effects, branches, strict=True) if branch.get("otherwise")),
        default=Effect.NONE,
    )
    return tuple(
        IfUndecided.STOP
        if may_end(branches[number:]) or may_hold_back(branches[number:])
        else _rule(effect, instead, max(effects[number + 1 :], default=Effect.NONE))
        for number, effect in enumerate(effects)
    )


def _rule(in_doubt: Effect, instead: Effect, worst_later: Effect) -> IfUndecided:
    does_less = instead is Effect.NONE or in_doubt is Effect.GRAVE
    return IfUndecided.OTHERWISE if does_less and worst_later < Effect.GRAVE else IfUndecided.STOP


def may_end(branches: list[Json]) -> bool:
    """Whether one of these branches of a step ends the run, "All other cases" left out."""
    return any(may_end_run(branch["steps"]) for branch in branches if not branch.get("otherwise"))


def may_hold_back(branches: list[Json]) -> bool:
    """Whether one of these branches of a step may keep the run waiting, "All other cases" left out."""
    return any(may_wait(branch["steps"]) for branch in branches if not branch.get("otherwise"))


def if_unknown(step: Json) -> dict[str, IfUndecided]:
    """The rule of each branch that has conditions, by its key."""
    rules = zip(step["branches"], rules_of(step), strict=True)
    return {branch["key"]: rule for branch, rule in rules if not branch.get("otherwise")}


def moves_or_destroys(steps: list[Json]) -> bool:
    """Whether an action in `steps`, at any depth, moves money or destroys; one that is missing may."""
    return any(map(_moves_or_destroys, steps_in(steps)))


def is_grave(steps: list[Json]) -> bool:
    """Whether an action in `steps`, at any depth, moves money, destroys, or writes to customers."""
    return effect_of(steps) is Effect.GRAVE


def effect_of(steps: list[Json]) -> Effect:
    """The gravest effect that an action in `steps`, at any depth, may have."""
    return max(map(_own_effect, steps_in(steps)), default=Effect.NONE)


def _own_effect(step: Json) -> Effect:
    block = kinds.of(step)
    if _moves_or_destroys(step) or block.writes_to_customers(step):
        return Effect.GRAVE
    return Effect.NONE if block.only_reads(step) else Effect.ACTS


def _moves_or_destroys(step: Json) -> bool:
    block = kinds.of(step)
    return block.moves_money(step) or block.is_destructive(step)
