"""What somebody asks for who starts a workflow, read by what a version declares."""

import re
from dataclasses import dataclass, field
from uuid import uuid4

from django.utils.translation import gettext as _

from stripeflow.actions.naming import with_close
from stripeflow.actions.problems import Problem
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows.audit.acts import NotPossible
from stripeflow.workflows.definition.choices import Accounts
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.kinds import KINDS, Declared
from stripeflow.workflows.definition.on_demand.setting import declared_in
from stripeflow.workflows.definition.on_demand.trigger import OnDemand
from stripeflow.workflows.definition.scope import TriggerScope
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.models import WorkflowVersion

# Of an Idempotency-Key: what is printed in ASCII, and fits beside the workflow's id.
KEY = re.compile(r"[!-~]{1,200}")


class WrongInputs(NotPossible):
    """Some inputs cannot be used. Each problem's `path` is the input's name, and names it by its title."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(one.message for one in problems))
        self.problems = problems


class KeyTaken(NotPossible):
    """The key was used before, for other inputs or for some that were emptied."""


class OtherVersion(NotPossible):
    """Another version is active than the one that was seen."""

    def __init__(self, version: WorkflowVersion) -> None:
        message = _(
            "“%(workflow)s” has been changed since you looked: version %(number)d is active now. No run was "
            "started. Look at it again first."
        )
        super().__init__(message % {"workflow": version.workflow, "number": version.number})


@dataclass(frozen=True)
class Asked:
    """What somebody asks for. `values` are as the API takes them; the same `key` starts at most one run.

    Without a mode or an account it is the one that the trigger's scope leaves, or our own account. `version`
    is the number of the version that was seen; None for who did not look.
    """

    values: Json = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(uuid4()))
    livemode: bool | None = None
    account: str | None = None
    version: int | None = None

    def saw(self, version: WorkflowVersion) -> bool:
        """Whether it is meant for this version."""
        return self.version in (None, version.number)


def inputs_of(version: WorkflowVersion) -> tuple[Declared, ...]:
    """What somebody who starts this version is asked for: nothing, if it starts by itself as well.

    Raises `NotPossible` if nobody may start it so.
    """
    trigger = TriggerPlan.of(version.document["trigger"])
    if trigger.timing is not None:
        return ()
    if trigger.type != OnDemand.type:
        raise NotPossible(
            _("“%s” does not start on demand. Its trigger says when it starts.") % version.workflow
        )
    return declared_in(trigger.settings)


def is_timed(version: WorkflowVersion) -> bool:
    """Whether the version starts by itself as well."""
    return TriggerPlan.of(version.document["trigger"]).timing is not None


def schema_of(declared: tuple[Declared, ...]) -> Json:
    """The JSON schema of what `Asked.values` may hold."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [one.name for one in declared if one.required],
        "properties": {one.name: KINDS[one.kind].json_schema(one) for one in declared},
    }


def held_of(declared: tuple[Declared, ...], values: Json) -> tuple[Json, str]:
    """What the event holds of the inputs, and the first Stripe ID among them. Raises `WrongInputs`."""
    problems = [*_unknown(declared, values)]
    held: Json = {}
    about = ""
    for one in declared:
        kind, value = KINDS[one.kind], values.get(one.name)
        field_of = kind.field(one)
        if found := field_of.check(value):
            problems += found
            continue
        clean = field_of.clean(value)
        held |= kind.held(one, clean)
        about = about or (clean if one.of and clean else "")
    if problems:
        raise WrongInputs(problems)
    return sanitize(held), about


def _unknown(declared: tuple[Declared, ...], values: Json) -> list[Problem]:
    names = [one.name for one in declared]
    message = _("The workflow has no input with the name “%s”.")
    return [
        Problem(name, "unknown", with_close(message % name[:100], name, names))
        for name in values
        if name not in names
    ]


def side_of_asked(scope: TriggerScope, asked: Asked) -> AccountMode:
    """The mode and account that were chosen, or that need no choice. Raises `NotPossible`."""
    livemode = scope.livemode if asked.livemode is None else asked.livemode
    account = scope.account if asked.account is None else asked.account
    if account is None and scope.accounts is Accounts.ALL:
        account = ""
    if livemode is None:
        raise NotPossible(_("The workflow runs in live and in test mode. Say in which one."))
    if account is None:
        raise NotPossible(_("The workflow runs for several connected accounts. Say for which one."))
    return AccountMode(livemode, account)
