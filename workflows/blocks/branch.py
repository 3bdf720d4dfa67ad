"""A step that takes one of several ways: the first whose conditions are met, else “All other cases”."""

from django.utils.translation import gettext as _

from stripeflow.workflows.definition.kinds import Block
from stripeflow.workflows.definition.lane import Json, Lane, Role
from stripeflow.workflows.definition.plan import BranchPlan, Builder, WayPlan
from stripeflow.workflows.definition.undecided import rules_of


class BranchBlock(Block):
    kind = "branch"

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        return tuple(_lane(own, f"branches/{number}") for number, own in enumerate(step["branches"]))

    def title(self, step: Json) -> str:
        return _("Branch on conditions")

    def plan(self, step: Json, path: str, builder: Builder) -> BranchPlan:
        ways = tuple(
            WayPlan(
                key=lane.key,
                name=lane.own.get("name", ""),
                conditions=None
                if lane.role is Role.OTHERWISE
                else builder.group(lane.own["conditions"], f"{path}/{lane.path}/conditions"),
                steps=steps,
                if_unknown=rule,
            )
            for (lane, steps), rule in zip(builder.inside(step, path), rules_of(step), strict=True)
        )
        return BranchPlan(step["key"], step.get("name", ""), ways)


def _lane(own: Json, path: str) -> Lane:
    is_last = bool(own.get("otherwise"))
    label = _("All other cases") if is_last else _("If these conditions are met")
    role = Role.OTHERWISE if is_last else Role.CONDITION
    return Lane(own["key"], role, own.get("name") or label, path, own)
