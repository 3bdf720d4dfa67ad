"""The system check of what an upgrade of the `stripe` package changed for active workflows: stripeflow.W018.

An operation that is gone is no longer installed, and W014 says so. Here it is about those that are there,
and do not take any more what a step gives them.
"""

from collections.abc import Iterator, Sequence

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.workflows.checks.tables import active_documents
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import steps_in
from stripeflow.workflows.definition.titles import step_title

_MOST = 3


def register_all() -> None:
    """Register the check; called once, when the app is ready."""
    register(check_operations, Tags.database)


def check_operations(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """W018: an active workflow whose step would be refused today, by the operations of the installed SDK."""
    if DEFAULT_DB_ALIAS not in (databases or []):
        return []
    return list(_warnings())


def _warnings() -> Iterator[CheckMessage]:
    for name, document in active_documents():
        for step in steps_in(document["steps"]):
            if faults := _faults(step):
                message = _(
                    "The active workflow “%(name)s” has a step “%(step)s” that Stripe’s SDK refuses: %(why)s"
                )
                given = {"name": name, "step": step_title(step), "why": " ".join(faults[:_MOST])}
                hint = _(
                    "Change the step to what the installed “stripe” package takes, and activate it again."
                )
                yield Warning(message % given, hint=hint, id="stripeflow.W018")


def _faults(step: Json) -> list[str]:
    """What a step's operation does not take any more, each in a sentence."""
    key = step.get("action") or ""
    action = registry.find(key) if registry.is_made(key) else None
    if action is None:
        return []
    inputs = step.get("inputs", {})
    return [str(problem.message) for problem in (*action.check(inputs), *action.check_current(inputs))]
