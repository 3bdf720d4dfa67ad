"""A step that does something: one action of the registry of `actions`."""

from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.workflows.definition.choices import ERROR_BRANCH_KEY, ActsAs
from stripeflow.workflows.definition.kinds import Block
from stripeflow.workflows.definition.lane import Json, Lane, Role
from stripeflow.workflows.definition.plan import ActionPlan, Builder
from stripeflow.workflows.definition.titles import key_in_words


class ActionBlock(Block):
    kind = "action"

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        own = step.get("error_branch")
        if not own:
            return ()
        return (Lane(ERROR_BRANCH_KEY, Role.ERROR, _("If it fails"), "error_branch", own),)

    def title(self, step: Json) -> str:
        action = registry.find(step["action"])
        return str(action.label) if action else key_in_words(step["key"])

    def plan(self, step: Json, path: str, builder: Builder) -> ActionPlan:
        return ActionPlan(
            key=step["key"],
            name=step.get("name", ""),
            action=step["action"],
            inputs=step.get("inputs", {}),
            on_error=step.get("on_error", "stop"),
            as_platform=step.get("acts_as") == ActsAs.PLATFORM,
            retry=step.get("retry", {}),
            error_steps=next((steps for _lane, steps in builder.inside(step, path)), ()),
        )

    def gives(self, step: Json) -> bool:
        return True
